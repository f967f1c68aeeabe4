using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class RandomTests : IDisposable
{
    private readonly WasiGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Fill_ChangesExactlyTheBuffer()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("random_get", 1024, 4096));
        Assert.Equal(new byte[1024], _guest.Bytes(0, 1024));
        Assert.Equal(new byte[1024], _guest.Bytes(1024 + 4096, 1024));

        // Each half of each 256 bytes: by chance none of them is all zeros.
        Assert.All(_guest.Bytes(1024, 4096).Chunk(128), chunk => Assert.Contains(chunk, value => value != 0));
    }

    [Fact]
    public void Fill_OfNothingTouchesNothing()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("random_get", _guest.MemorySize, 0));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("random_get", _guest.MemorySize + 1, 0));
    }

    [Theory]
    [InlineData(-15, 16)]
    [InlineData(0, -1)]
    public void Fill_OutsideMemoryIsAFaultAndWritesNothing(int fromEnd, int length)
    {
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("random_get", _guest.MemorySize + fromEnd, length));
        Assert.Equal(new byte[64], _guest.Bytes(_guest.MemorySize - 64, 64));
    }

    [Fact]
    public void Fill_EndsWhenTheInstanceIsToldToStop()
    {
        _guest.Stop.Request();
        Assert.Throws<GuestStoppedException>(() => _guest.Call("random_get", 1024, 4096));
    }
}
