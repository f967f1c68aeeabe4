using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>Calls for sockets on descriptors that are none.</summary>
public sealed class SockTests : IDisposable
{
    private readonly MountedGuest _mounted = new(Backing.Kernel);
    private readonly WasiGuest _guest;

    public SockTests() => _guest = _mounted.Guest;

    public void Dispose() => _mounted.Dispose();

    [Fact]
    public void File_IsNoSocket()
    {
        var file = _guest.Open(MountedGuest.Root, "file", OpenFlags.Create, Rights.All);
        var vectors = _guest.PutVectors((_guest.Reserve(8), 8));
        Assert.Equal(WasiErrno.ENOTSOCK, _guest.Call("sock_accept", file, 0, WasiGuest.Result));
        Assert.Equal(WasiErrno.ENOTSOCK, _guest.Call("sock_recv", file, vectors, 1, 0, WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal(WasiErrno.ENOTSOCK, _guest.Call("sock_send", file, vectors, 1, 0, WasiGuest.Result));
        Assert.Equal(WasiErrno.ENOTSOCK, _guest.Call("sock_shutdown", file, 1));
        Assert.Equal(WasiErrno.ENOTSOCK, _guest.Call("sock_shutdown", 1, 1));
    }
}
