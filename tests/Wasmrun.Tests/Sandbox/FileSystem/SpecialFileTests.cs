using System.Net.Sockets;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>Pipes, sockets and devices of the host that lie in a mount: they are seen, and never opened.</summary>
public sealed class SpecialFileTests : IDisposable
{
    private const int Root = MountedGuest.Root;

    private readonly TemporaryFolder _host = new();

    public static TheoryData<Backing> Resolvers => [Backing.Kernel, Backing.Walk];

    public void Dispose() => _host.Dispose();

    [Theory]
    [MemberData(nameof(Resolvers))]
    public void Pipe_IsNotOpenedAndDoesNotBlock(Backing backing)
    {
        HostCalls.MakePipe(_host.Sub("pipe"));
        using var guest = Guest(backing);
        AssertNotOpened(guest, "pipe");
        Assert.Equal(WasiErrno.None, guest.PathStatus(Root, "pipe", out var status));
        Assert.Equal(FileType.Unknown, status.Type);
        Assert.Equal(WasiErrno.None, guest.OnPath("path_unlink_file", Root, "pipe"));
    }

    [Theory]
    [MemberData(nameof(Resolvers))]
    public void Socket_IsNotOpened(Backing backing)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_host.Sub("socket")));
        using var guest = Guest(backing);
        AssertNotOpened(guest, "socket");
    }

    [Theory]
    [MemberData(nameof(Resolvers))]
    public void Device_IsNotOpened(Backing backing)
    {
        using var guest = new WasiGuest(MountedGuest.ResolverOf(backing), new GuestMount.Host("/data", "/dev", ReadOnly: false));
        AssertNotOpened(guest, "null");
        AssertNotOpened(guest, "zero");
        Assert.Equal(WasiErrno.None, guest.PathStatus(Root, "null", out var status));
        Assert.Equal(FileType.CharacterDevice, status.Type);
    }

    [Fact]
    public void Device_IsNoMount()
    {
        var problem = Assert.Throws<IOException>(() => new WasiGuest(new GuestMount.Host("/data", "/dev/null", ReadOnly: true)));
        Assert.Equal("cannot mount /dev/null at /data: it is neither a folder nor a regular file", problem.Message);
    }

    private static void AssertNotOpened(WasiGuest guest, string path)
    {
        foreach (var rights in new[] { Rights.None, Rights.Read, Rights.Write, Rights.Read | Rights.Write })
        {
            Assert.Equal(WasiErrno.ENXIO, guest.TryOpen(Root, path, out _, rights: rights));
            Assert.Equal(WasiErrno.ENXIO, guest.TryOpen(Root, path, out _, OpenFlags.Create, rights));
            Assert.Equal(WasiErrno.ENXIO, guest.TryOpen(Root, path, out _, OpenFlags.Truncate, rights));
        }
    }

    private WasiGuest Guest(Backing backing) =>
        new(MountedGuest.ResolverOf(backing), new GuestMount.Host("/data", _host.Path, ReadOnly: false));
}
