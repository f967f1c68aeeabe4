namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// What a guest has passed to a host function, read where the engine put it (<c>wasmtime_val_raw_t</c>): one number each, unsigned.
/// </summary>
/// <param name="values">The first of them.</param>
/// <param name="count">How many there are, or results if those are more.</param>
internal readonly unsafe ref struct GuestArguments(byte* values, nuint count)
{
    private const int ValueSize = 16;

    /// <summary>An argument of 32 bits.</summary>
    public uint this[int index] => *(uint*)At(index);

    /// <summary>An argument of 64 bits.</summary>
    public ulong Long(int index) => *(ulong*)At(index);

    /// <summary>A slip in a definition must not read what else is on the stack.</summary>
    private byte* At(int index) => (nuint)index < count ? values + (index * ValueSize) : throw new ArgumentOutOfRangeException(nameof(index));
}
