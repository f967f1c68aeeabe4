using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmtime;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// The only way into a guest's memory, and every access checks its bounds. It never moves and only grows, so its end is looked up
/// only where something lies beyond the end known so far. Addresses and lengths are the guest's own, unsigned.
/// </summary>
internal sealed unsafe class GuestMemory
{
    /// <summary>How many pieces of a scattered buffer one call handles, as many as the kernel takes at once.</summary>
    public const int MaxVectors = 1024;

    /// <summary>How many bytes one call moves at most, as in the kernel; so their number always fits its result.</summary>
    public const uint MaxTransfer = 0x7fff_f000;

    private const int VectorSize = 8;

    private readonly Memory? _memory;
    private readonly byte* _start;
    private ulong _length;

    public GuestMemory(Memory memory)
        : this(memory.GetPointer(), memory.GetLength()) => _memory = memory;

    /// <summary>Memory of a fixed size.</summary>
    public GuestMemory(nint start, long length)
    {
        _start = (byte*)start;
        _length = (ulong)length;
    }

    /// <summary>The memory of a guest that has none: every address is a bad one.</summary>
    public static GuestMemory None { get; } = new(0, 0);

    /// <summary>The address of this many bytes, for the kernel; they may be more than a span can hold.</summary>
    /// <exception cref="GuestFaultException">They do not all lie in the memory.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Pointer(uint address, ulong length)
    {
        if (!Holds(address, length))
        {
            LookAgain(address, length);
        }

        return _start + address;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read<T>(uint address)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(Pointer(address, (ulong)sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<T>(uint address, T value)
        where T : unmanaged => Unsafe.WriteUnaligned(Pointer(address, (ulong)sizeof(T)), value);

    /// <summary>Checks a place that is written only when the call has succeeded, so that a bad one is told before anything happens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Check<T>(uint address)
        where T : unmanaged => Pointer(address, (ulong)sizeof(T));

    /// <summary>A place that is written only when the call has succeeded, checked now. It need not be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* Place<T>(uint address)
        where T : unmanaged => (T*)Pointer(address, (ulong)sizeof(T));

    /// <summary>The bytes at an address; of more than two gigabytes only the first two.</summary>
    public Span<byte> Bytes(uint address, uint length) => new(Pointer(address, length), (int)Math.Min(length, int.MaxValue));

    /// <summary>One piece of memory as the kernel takes it.</summary>
    public IoVector Piece(uint address, uint length) => new((nint)Pointer(address, length), length);

    /// <summary>The one buffer of a guest's <c>iovec</c> array of length one, of at most <see cref="MaxTransfer"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IoVector Vector(uint address)
    {
        var source = Pointer(address, VectorSize);
        var length = Unsafe.ReadUnaligned<uint>(source + sizeof(uint));
        return new((nint)Pointer(Unsafe.ReadUnaligned<uint>(source), length), Math.Min(length, MaxTransfer));
    }

    /// <summary>How many buffers an array of this many pieces takes on the caller's stack.</summary>
    public static int VectorsTaken(uint count) => (int)Math.Min(count, MaxVectors);

    /// <summary>
    /// Decodes a guest's <c>iovec</c> array into buffers that the caller holds on its stack. What goes beyond
    /// <see cref="MaxVectors"/> or <see cref="MaxTransfer"/> is left out: reads and writes may be short.
    /// </summary>
    public ReadOnlySpan<IoVector> Vectors(uint address, uint count, Span<IoVector> buffers)
    {
        var source = Pointer(address, (ulong)count * VectorSize);
        var left = MaxTransfer;
        for (var index = 0; index < buffers.Length; index++, source += VectorSize)
        {
            var length = Unsafe.ReadUnaligned<uint>(source + sizeof(uint));
            var start = Pointer(Unsafe.ReadUnaligned<uint>(source), length);
            buffers[index] = new((nint)start, Math.Min(length, left));
            left -= Math.Min(length, left);
        }

        return buffers;
    }

    private bool Holds(uint address, ulong length) => length <= _length && address <= _length - length;

    private void LookAgain(uint address, ulong length)
    {
        _length = (ulong?)_memory?.GetLength() ?? _length;
        if (!Holds(address, length))
        {
            throw new GuestFaultException();
        }
    }
}
