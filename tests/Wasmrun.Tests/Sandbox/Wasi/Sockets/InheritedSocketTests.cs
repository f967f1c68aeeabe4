using System.Net;
using Wasmrun.Network;
using Wasmrun.Network.Forwards;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Listening descriptors that a guest has from its start, one for each port that a forward targets.</summary>
public sealed class InheritedSocketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StackNetwork _stack;
    private readonly ServiceNetwork _service;
    private readonly List<NetworkNamespace> _networks = [];

    public InheritedSocketTests()
    {
        _stack = new(new() { Name = "test", RuntimeDirectory = _folder.Sub("run") }, new QuietNetwork(), TimeProvider.System);
        _service = _stack.AddService(new() { Name = "web" });
    }

    public void Dispose()
    {
        _networks.ForEach(network => network.Dispose());
        _stack.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Descriptors_FollowThePreopensAndAreAnnounced()
    {
        Forward(8080, 9090);

        using var guest = Guest(new GuestMount.Temporary("/tmp", 1 << 20), new GuestMount.Temporary("/data", 1 << 20));

        Assert.Equal(["A=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=tcp-8080:tcp-9090", "LISTEN_FDS_START=7"], Environment(guest));
        Assert.All([3, 4, 5, 6], fd => Assert.Equal(WasiErrno.None, guest.Call("fd_prestat_get", fd, WasiGuest.Result)));
        Assert.Equal(WasiErrno.EBADF, guest.Call("fd_prestat_get", 7, WasiGuest.Result));
        Assert.All([7, 8], fd => Assert.Equal(FileType.StreamSocket, guest.Status(fd).Type));
        Assert.Equal(WasiErrno.EBADF, guest.Call("fd_filestat_get", 9, WasiGuest.Result));
    }

    [Fact]
    public void Environment_WithoutForwardsSaysNothing()
    {
        using var guest = Guest();

        Assert.Equal(["A=1"], Environment(guest));
    }

    [Fact]
    public void Descriptor_TakesItsPortWhenItIsFirstUsed()
    {
        Forward(8080);
        using var guest = Guest();
        Assert.Equal(WasiErrno.None, guest.SetNonBlocking(5));
        Assert.Empty(_networks[0].Listening);

        Assert.Equal(WasiErrno.EAGAIN, guest.TryAccept(5, out _));

        Assert.Equal(8080, Assert.Single(_networks[0].Listening).Port);
        var client = guest.OpenDevice("tcp/connect/localhost/8080");
        guest.Send(client, "hello");
        Assert.Equal("hello", guest.Receive(guest.Accept(5)));
    }

    [Fact]
    public void Descriptor_ThatIsNotUsedIsInNobodysWay()
    {
        Forward(8080);
        using var guest = Guest();

        guest.OpenDevice("tcp/listen/8080");

        Assert.Equal(WasiErrno.EADDRINUSE, guest.TryAccept(5, out _));
    }

    [Fact]
    public void Descriptor_CanBePolledFromTheStart()
    {
        Forward(8080);
        using var guest = Guest();

        Assert.Empty(guest.Poll((1, SubscriptionType.Read, 5)));

        guest.OpenDevice("tcp/connect/localhost/8080");
        Assert.Single(guest.Poll((1, SubscriptionType.Read, 5)));
    }

    private void Forward(params int[] ports) => _service.SetForwards(HostPortReservation.TryReserve(
        [.. ports.Select(port => new HostPortRequest("web", [IPAddress.Loopback], 0, [], port, ForwardProtocol.Tcp))]).Forwards);

    private WasiGuest Guest(params GuestMount[] mounts)
    {
        var network = _service.CreateNamespace();
        _networks.Add(network);
        return new(options => options with
        {
            Network = network,
            Mounts = mounts,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "1" },
        });
    }

    private static string[] Environment(WasiGuest guest)
    {
        Assert.Equal(WasiErrno.None, guest.Call("environ_sizes_get", WasiGuest.Result, WasiGuest.Result + 4));
        var (count, size) = (guest.Memory.ReadInt32(WasiGuest.Result), guest.Memory.ReadInt32(WasiGuest.Result + 4));
        var (pointers, bytes) = (guest.Reserve(count * 4), guest.Reserve(size));
        Assert.Equal(WasiErrno.None, guest.Call("environ_get", pointers, bytes));
        return guest.Text(bytes, size).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }
}
