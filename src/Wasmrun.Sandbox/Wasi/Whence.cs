namespace Wasmrun.Sandbox.Wasi;

/// <summary>Where an offset counts from, with the values of preview 1's <c>whence</c>, which are POSIX's too.</summary>
internal enum Whence : byte
{
    Set = 0,
    Current = 1,
    End = 2,
}
