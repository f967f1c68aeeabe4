using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class ArgsTests : IDisposable
{
    private readonly WasiGuest _guest = new(options => options with { Arguments = ["app", "", "größe"] });

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Sizes_CountStringsAndTheirBytes()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("args_sizes_get", 100, 104));
        Assert.Equal([3, 0, 0, 0, 13, 0, 0, 0], _guest.Bytes(100, 8));
    }

    [Fact]
    public void Get_LaysStringsOutOneBehindTheOther()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("args_get", 200, 300));
        Assert.Equal([0x2c, 1, 0, 0, 0x30, 1, 0, 0, 0x31, 1, 0, 0, 0, 0, 0, 0], _guest.Bytes(200, 16));
        Assert.Equal("app\0\0größe\0\0"u8.ToArray(), _guest.Bytes(300, 14));
    }

    [Theory]
    [InlineData(-4, 300)]
    [InlineData(200, -12)]
    public void Get_OutsideMemoryIsAFault(int pointers, int bytes) =>
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("args_get", FromEnd(pointers), FromEnd(bytes)));

    [Theory]
    [InlineData(-3, 100)]
    [InlineData(100, -3)]
    public void Sizes_OutsideMemoryAreAFault(int count, int size) =>
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("args_sizes_get", FromEnd(count), FromEnd(size)));

    /// <summary>An address that counts from the end of the memory when it is negative.</summary>
    private int FromEnd(int address) => address < 0 ? _guest.MemorySize + address : address;
}
