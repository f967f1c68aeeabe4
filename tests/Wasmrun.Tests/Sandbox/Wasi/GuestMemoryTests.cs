using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>The one bounds check that everything a guest passes goes through.</summary>
public sealed unsafe class GuestMemoryTests
{
    private const int Size = 64;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Size, pinned: true);

    [Theory]
    [InlineData(0u, 64u)]
    [InlineData(63u, 1u)]
    [InlineData(64u, 0u)]
    [InlineData(0u, 0u)]
    public void Range_ThatLiesInsideIsGiven(uint address, uint length) => Assert.Equal((int)length, Guest().Bytes(address, length).Length);

    [Theory]
    [InlineData(64u, 1u)]
    [InlineData(65u, 0u)]
    [InlineData(0u, 65u)]
    [InlineData(63u, 2u)]
    [InlineData(1u, uint.MaxValue)]
    [InlineData(uint.MaxValue, 1u)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    [InlineData(0xffff_ffc0u, 64u)]
    public void Range_ThatDoesNotIsAFault(uint address, uint length) =>
        Assert.Throws<GuestFaultException>(() => Guest().Bytes(address, length).Length);

    [Fact]
    public void Value_NeedsAllItsBytes()
    {
        Guest().Write(56, 0x0102030405060708UL);
        Assert.Equal(0x0102030405060708UL, Guest().Read<ulong>(56));
        Assert.Equal([8, 7, 6, 5, 4, 3, 2, 1], _bytes[56..]);
        Assert.Throws<GuestFaultException>(() => Guest().Read<ulong>(57));
        Assert.Throws<GuestFaultException>(() => Guest().Write(57, 0UL));
        Assert.Throws<GuestFaultException>(() => Guest().Check<ulong>(57));
        Assert.Throws<GuestFaultException>(() => Guest().Write(uint.MaxValue, 0UL));
    }

    [Fact]
    public void Memory_OfNoGuestHasNoAddress() => Assert.Throws<GuestFaultException>(() => GuestMemory.None.Read<byte>(0));

    [Fact]
    public void Memory_ThatHasGrownIsReachedToItsNewEnd()
    {
        using var engine = new Wasmtime.Engine();
        using var store = new Store(engine);
        var grown = new Memory(store, 1, 2);
        var memory = new GuestMemory(grown);
        Assert.Throws<GuestFaultException>(() => memory.Write(Memory.PageSize, 1));

        grown.Grow(1);
        memory.Write((2 * Memory.PageSize) - 4, 7);

        Assert.Equal(7, grown.ReadInt32((2 * Memory.PageSize) - 4));
        Assert.Throws<GuestFaultException>(() => memory.Write((2 * Memory.PageSize) - 3, 7));
    }

    [Fact]
    public void Vectors_AreCheckedOneByOne()
    {
        Put(0, 16, 4);
        Put(8, 60, 4);
        var vectors = new IoVector[2];
        var decoded = Guest().Vectors(0, 2, vectors);
        Assert.Equal([4, 4], decoded.ToArray().Select(vector => (int)vector.Length));
        Assert.Equal(16, decoded[0].Base - Start);
        Put(8, 61, 4);
        Assert.Throws<GuestFaultException>(() => Guest().Vectors(0, 2, vectors).Length);
        Assert.Throws<GuestFaultException>(() => Guest().Vectors(48, 3, vectors).Length);
        Assert.Throws<GuestFaultException>(() => Guest().Vectors(0, uint.MaxValue, vectors).Length);
    }

    [Fact]
    public void Vectors_AreBoundedInNumberAndInBytes()
    {
        Assert.Equal(1024, GuestMemory.VectorsTaken(uint.MaxValue));
        Assert.Equal(3, GuestMemory.VectorsTaken(3));

        // All that a guest can name may be far more than one call moves; only the bounds are real here.
        Put(0, 0, uint.MaxValue);
        Put(8, 0, uint.MaxValue);
        var vectors = new IoVector[2];
        var decoded = new GuestMemory(Start, 1L << 32).Vectors(0, 2, vectors);
        Assert.Equal([GuestMemory.MaxTransfer, 0], decoded.ToArray().Select(vector => (uint)vector.Length));
    }

    private nint Start => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]);

    private GuestMemory Guest() => new(Start, Size);

    private void Put(int at, uint address, uint length)
    {
        BitConverter.TryWriteBytes(_bytes.AsSpan(at), address);
        BitConverter.TryWriteBytes(_bytes.AsSpan(at + 4), length);
    }
}
