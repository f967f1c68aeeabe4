using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Calls that wait go on when what they wait for comes, and end when the instance is told to stop.</summary>
public sealed class BlockedSocketTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly SocketGuests _guests = new();

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public async Task Accept_GoesOnWhenAClientOfTheHostComes()
    {
        var listener = Web.OpenDevice("tcp/listen/8080");
        var accepting = Task.Run(() => Web.Accept(listener));

        await using var client = _guests.ConnectFromHost();

        Web.Send(await Bounded(accepting), "welcome");
        Assert.Equal((byte)'w', client.ReadByte());
    }

    [Fact]
    public async Task Receive_GoesOnWhenSomethingComes()
    {
        var (server, client) = _guests.Connect();
        Web.SetNonBlocking(server, on: false);
        var receiving = Task.Run(() => Web.Receive(server));

        Api.Send(client, "hello");

        Assert.Equal("hello", await Bounded(receiving));
    }

    [Fact]
    public async Task Send_GoesOnUntilAllIsSent()
    {
        const int Length = 4 << 20;
        using var guests = new SocketGuests();
        var (server, client) = guests.Connect();
        guests.Web.SetNonBlocking(server, on: false);
        guests.Api.SetNonBlocking(client, on: false);
        var piece = guests.Web.Reserve(65536);
        var vectors = guests.Web.PutVectors([.. Enumerable.Repeat((piece, 65536), Length / 65536)]);
        var sending = Task.Run(() => guests.Web.Call("sock_send", server, vectors, Length / 65536, 0, WasiGuest.Result));

        for (var received = 0; received < Length; guests.Api.Free())
        {
            received += guests.Api.Receive(client, length: 65536).Length;
        }

        Assert.Equal(WasiErrno.None, await Bounded(sending));
        Assert.Equal(Length, guests.Web.Memory.ReadInt32(WasiGuest.Result));
    }

    [Theory]
    [InlineData("sock_send")]
    [InlineData("fd_write")]
    public async Task SendOfOneBuffer_GoesOnUntilAllIsSent(string function)
    {
        const int Length = 65536;
        var (server, client) = _guests.Connect();
        var vectors = Web.PutVectors((Web.Reserve(Length), Length));
        long sent = 0;
        while (Web.Call("fd_write", server, vectors, 1, WasiGuest.Result) == WasiErrno.None)
        {
            sent += Web.Memory.ReadInt32(WasiGuest.Result);
        }

        Web.SetNonBlocking(server, on: false);
        Api.SetNonBlocking(client, on: false);
        ValueBox[] arguments = function == "fd_write" ? [server, vectors, 1, WasiGuest.Result] : [server, vectors, 1, 0, WasiGuest.Result];
        var sending = Task.Run(() => Web.Call(function, arguments));
        for (long received = 0; received < sent + Length; Api.Free())
        {
            received += Api.Receive(client, length: Length).Length;
        }

        Assert.Equal(WasiErrno.None, await Bounded(sending));
        Assert.Equal(Length, Web.Memory.ReadInt32(WasiGuest.Result));
    }

    [Fact]
    public async Task Receive_GivesUpAfterTheTimeoutOfTheSocket()
    {
        var (server, _) = _guests.Connect();
        Web.SetNonBlocking(server, on: false);
        Web.Control(server, "option receive_timeout 1");

        var error = await Bounded(Task.Run(() => Web.TryReceive(server, out _)));

        Assert.Equal(WasiErrno.EAGAIN, error);
    }

    [Theory]
    [InlineData("accept")]
    [InlineData("accept by opening")]
    [InlineData("receive")]
    [InlineData("receive all")]
    [InlineData("read")]
    [InlineData("send")]
    [InlineData("poll")]
    [InlineData("poll again")]
    public async Task Stop_Ends(string call)
    {
        var listener = Web.OpenDevice("tcp/listen/8080");
        var client = Api.OpenDevice("tcp/connect/web/8080");
        var server = Web.Accept(listener);
        Api.Send(client, "x");
        var started = new TaskCompletionSource();
        var blocked = Task.Run(() =>
        {
            started.SetResult();
            return call switch
            {
                "accept" => Web.TryAccept(listener, out _),
                "accept by opening" => Web.TryOpenDevice($"ctl/{Web.Inode(listener)}/accept", out _),
                "receive" => ReceiveTwice(server),
                "receive all" => Web.TryReceive(server, out _, flags: 2),
                "read" => ReadTwice(server),
                "send" => SendForEver(server),
                "poll again" => PollAgainForEver(listener, server),
                _ => PollForEver(listener),
            };
        });
        await started.Task;

        _guests.WebNetwork.Stop.Request();

        await Assert.ThrowsAsync<GuestStoppedException>(() => Bounded(blocked));
    }

    private static async Task<T> Bounded<T>(Task<T> task) => await task.WaitAsync(_patience, TimeProvider.System);

    private WasiErrno ReceiveTwice(int fd)
    {
        Web.Receive(fd);
        return Web.TryReceive(fd, out _);
    }

    private WasiErrno ReadTwice(int fd)
    {
        Web.Read(fd);
        return Web.Call("fd_read", fd, Web.PutVectors((Web.Reserve(8), 8)), 1, WasiGuest.Result);
    }

    private WasiErrno SendForEver(int fd)
    {
        var vectors = Web.PutVectors((Web.Reserve(65536), 65536));
        while (true)
        {
            Web.Call("sock_send", fd, vectors, 1, 0, WasiGuest.Result);
        }
    }

    private WasiErrno PollAgainForEver(int listener, int fd)
    {
        for (var i = 0; i < RepeatedPollTests.Often; i++)
        {
            Web.PollOnce((1, SubscriptionType.Read, listener), (2, SubscriptionType.Read, fd));
        }

        Web.Receive(fd);
        Web.PollOnce((1, SubscriptionType.Read, listener), (2, SubscriptionType.Read, fd));
        return WasiErrno.None;
    }

    private WasiErrno PollForEver(int fd)
    {
        var subscription = Web.Reserve(48);
        Web.Memory.WriteByte(subscription + 8, (byte)SubscriptionType.Read);
        Web.Memory.WriteInt32(subscription + 16, fd);
        return Web.Call("poll_oneoff", subscription, Web.Reserve(32), 1, WasiGuest.Result);
    }
}
