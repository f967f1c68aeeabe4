using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>What can be done with a socket by nothing but opening, reading and writing files.</summary>
public sealed class SocketControlTests : IDisposable
{
    private readonly SocketGuests _guests = new();

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public void Commands_MakeAServerAndAClient()
    {
        var listener = Web.OpenDevice("tcp/new", nonBlocking: true);
        Assert.Equal(WasiErrno.None, Web.Control(listener, "bind * 8080"));
        Assert.Equal(WasiErrno.None, Web.Control(listener, "listen 16\n"));
        var client = Api.OpenDevice("tcp/new");
        Assert.Equal(WasiErrno.None, Api.Control(client, "connect web 8080"));

        var server = Web.OpenDevice($"ctl/{Web.Inode(listener)}/accept");

        Assert.Equal(Api.Fact(client, "local"), Web.Fact(server, "peer"));
        Assert.Equal($"{_guests.WebAddress} 8080\n", Api.Fact(client, "peer"));
        Assert.Equal($"{_guests.WebAddress} 8080\n", Web.Fact(server, "local"));
        Assert.StartsWith($"{_guests.ApiAddress} ", Api.Fact(client, "local"), StringComparison.Ordinal);
        Assert.Equal(WasiErrno.None, Api.Write(client, "hello"));
        Assert.Equal("hello", Web.Read(server));
        Assert.Equal(WasiErrno.None, Api.Control(client, "shutdown write"));
        Assert.Equal("", Web.Read(server));
        Assert.Equal(WasiErrno.EAGAIN, Web.TryOpenDevice($"ctl/{Web.Inode(listener)}/accept", out _));
    }

    [Theory]
    [InlineData("bind 127.0.0.1 0", nameof(WasiErrno.None))]
    [InlineData("bind localhost 0", nameof(WasiErrno.None))]
    [InlineData("bind 192.0.2.1 0", nameof(WasiErrno.EADDRNOTAVAIL))]
    [InlineData("bind ::1 0", nameof(WasiErrno.EAFNOSUPPORT))]
    [InlineData("bind nobody 0", nameof(WasiErrno.ENOENT))]
    [InlineData("bind * 65536", nameof(WasiErrno.EINVAL))]
    [InlineData("bind *", nameof(WasiErrno.EINVAL))]
    [InlineData("connect localhost 1", nameof(WasiErrno.ECONNREFUSED))]
    [InlineData("connect 192.0.2.1 1", nameof(WasiErrno.EACCES))]
    [InlineData("connect nobody 1", nameof(WasiErrno.ENOENT))]
    [InlineData("shutdown both", nameof(WasiErrno.ENOTCONN))]
    [InlineData("shutdown", nameof(WasiErrno.EINVAL))]
    [InlineData("shutdown none", nameof(WasiErrno.EINVAL))]
    [InlineData("option keepalive 1", nameof(WasiErrno.None))]
    [InlineData("option keepalive yes", nameof(WasiErrno.EINVAL))]
    [InlineData("option nothing 1", nameof(WasiErrno.ENOPROTOOPT))]
    [InlineData("listen", nameof(WasiErrno.None))]
    [InlineData("listen many", nameof(WasiErrno.EINVAL))]
    [InlineData("explode", nameof(WasiErrno.EINVAL))]
    [InlineData("", nameof(WasiErrno.EINVAL))]
    public void Command_AnswersWithItsErrno(string command, string error) =>
        Assert.Equal(error, Web.Control(Web.OpenDevice("tcp/new"), command).ToString());

    [Fact]
    public void Command_ThatIsTooLongIsRefusedAsAWhole() =>
        Assert.Equal(WasiErrno.EMSGSIZE, Web.Control(Web.OpenDevice("tcp/new"), "listen " + new string(' ', 600)));

    [Fact]
    public void Command_IsGatheredFromItsBuffers()
    {
        var socket = Web.OpenDevice("tcp/new");
        var control = Web.OpenDevice($"ctl/{Web.Inode(socket)}/control");
        var text = Web.Put("bind * 8080"u8);

        Assert.Equal(WasiErrno.None, Web.Call("fd_write", control, Web.PutVectors((text, 2), (text + 2, 0), (text + 2, 9)), 3, WasiGuest.Result));

        Assert.Equal(11, Web.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal("0.0.0.0 8080\n", Web.Fact(socket, "local"));
    }

    [Fact]
    public void Summary_IsTheSameEveryTimeItIsRead()
    {
        var socket = Web.OpenDevice("tcp/listen/8080");
        var control = Web.OpenDevice($"ctl/{Web.Inode(socket)}/control");

        var first = Web.Read(control);

        Assert.StartsWith("kind stream\nstate listening\nlocal 0.0.0.0 8080\n", first, StringComparison.Ordinal);
        Assert.Equal("", Web.Read(control));
        Assert.Equal(first, Web.Read(control));
    }

    [Fact]
    public void Summary_GoesOnBehindAReadOfNothing()
    {
        var control = Web.OpenDevice($"ctl/{Web.Inode(Web.OpenDevice("tcp/new"))}/control");

        Assert.Equal("kind", Web.Read(control, 4));
        Assert.Equal("", Web.Read(control, 0));
        Assert.Equal(" stream", Web.Read(control, 7));
    }

    [Fact]
    public void Options_AreSetByCommandsAndReadAsFiles()
    {
        var socket = Web.OpenDevice("tcp/new");

        Assert.Equal("0\n", Web.Fact(socket, "options/reuse_address"));
        Assert.Equal(WasiErrno.None, Web.Control(socket, "option reuse_address 1"));
        Assert.Equal(WasiErrno.None, Web.Control(socket, "option receive_timeout 1500"));

        Assert.Equal("1\n", Web.Fact(socket, "options/reuse_address"));
        Assert.Equal("1500\n", Web.Fact(socket, "options/receive_timeout"));
        Assert.Equal(WasiErrno.ENOENT, Web.TryOpen(SocketCalls.Net, $"ctl/{Web.Inode(socket)}/options/nothing", out _));
    }

    [Fact]
    public void Peer_OfNobodyIsNotConnected() =>
        Assert.Equal(WasiErrno.ENOTCONN, Web.TryOpen(SocketCalls.Net, $"ctl/{Web.Inode(Web.OpenDevice("tcp/new"))}/peer", out _));

    [Fact]
    public void Peer_OfAClientOfTheHostIsTheGateway()
    {
        var listener = Web.OpenDevice("tcp/listen/8080");
        using var client = _guests.ConnectFromHost();

        var server = Web.Accept(listener);

        Assert.DoesNotContain("127.0.0.1", Web.Fact(server, "peer"), StringComparison.Ordinal);
        Assert.Equal($"{_guests.WebAddress} 8080\n", Web.Fact(server, "local"));
    }

    [Fact]
    public void Error_IsTakenByReadingIt()
    {
        var (server, client) = _guests.Connect();
        Assert.Equal("0\n", Web.Fact(server, "error"));
        Api.Send(client, "unread");
        Web.Send(server, "unread");
        Api.Close(client);

        Assert.Equal($"{(int)WasiErrno.ECONNRESET}\n", Web.Fact(server, "error"));
        Assert.Equal("0\n", Web.Fact(server, "error"));
    }

    [Fact]
    public void Pair_GivesItsMateOnce()
    {
        var one = Web.OpenDevice("pair");
        var mate = $"ctl/{Web.Inode(one)}/mate";

        var other = Web.OpenDevice(mate);

        Assert.NotEqual(Web.Inode(one), Web.Inode(other));
        Web.Send(one, "ping");
        Assert.Equal("ping", Web.Receive(other));
        Web.Send(other, "pong");
        Assert.Equal("pong", Web.Receive(one));
        Assert.Equal(WasiErrno.ENOENT, Web.TryOpenDevice(mate, out _));
        Assert.Equal("\n", Web.Fact(one, "peer"));
        Web.Close(one);
        Assert.Equal("", Web.Receive(other));
    }

    [Fact]
    public void Pair_ThatIsClosedTakesAnUnclaimedMateAlong()
    {
        var sockets = _guests.WebNetwork.OpenSockets.Count();

        Web.Close(Web.OpenDevice("pair"));

        Assert.Equal(sockets, _guests.WebNetwork.OpenSockets.Count());
    }

    [Fact]
    public void Dup_SharesTheSocketUntilTheLastIsClosed()
    {
        var (server, client) = _guests.Connect();

        var second = Web.OpenDevice($"ctl/{Web.Inode(server)}/dup");

        Assert.Equal(Web.Inode(server), Web.Inode(second));
        Assert.Equal(WasiErrno.EAGAIN, Web.TryReceive(second, out _));
        Web.Close(server);
        Assert.Equal(WasiErrno.None, Web.Send(second, "still here"));
        Assert.Equal("still here", Api.Receive(client));
        Web.Close(second);
        Assert.Equal("", Api.Receive(client));
    }

    [Fact]
    public void Dup_SharesWhetherItBlocks()
    {
        var (server, _) = _guests.Connect();
        var second = Web.OpenDevice($"ctl/{Web.Inode(server)}/dup");

        Web.SetNonBlocking(second, on: false);
        var status = Web.Reserve(24);
        Web.Call("fd_fdstat_get", server, status);
        Assert.Equal(0, Web.Memory.ReadInt16(status + 2));

        Web.SetNonBlocking(server);
        Web.Call("fd_fdstat_get", second, status);
        Assert.Equal((short)FdFlags.NonBlock, Web.Memory.ReadInt16(status + 2));
    }

    [Fact]
    public void Control_ThatIsOpenKeepsTheSocket()
    {
        var (server, client) = _guests.Connect();
        var control = Web.OpenDevice($"ctl/{Web.Inode(server)}/control");

        Web.Close(server);
        Assert.Equal(WasiErrno.EAGAIN, Api.TryReceive(client, out _));

        Assert.Equal(WasiErrno.None, Web.Write(control, "shutdown both"));
        Assert.Equal("", Api.Receive(client));
        Web.Close(control);
    }

    [Fact]
    public void Peek_ReadsWithoutTaking()
    {
        var (server, client) = _guests.Connect();
        Api.Send(client, "hello");
        var peek = Web.OpenDevice($"ctl/{Web.Inode(server)}/peek");

        Assert.Equal("hel", Web.Read(peek, 3));
        Assert.Equal("hello", Web.Read(peek));
        Assert.Equal("hello", Web.Read(server));
        Assert.Equal(WasiErrno.EAGAIN, Web.Call("fd_read", peek, Web.PutVectors((Web.Reserve(8), 8)), 1, WasiGuest.Result));
    }
}
