using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>What binding, connecting and ending leave of a datagram socket.</summary>
public sealed class DatagramStateTests
{
    [Fact]
    public void Poll_DoesNotBind_AndFindsRoomToSendOnly()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Datagram();
        using var polled = new PollSet(guest.Stop);
        var reading = socket.AddTo(polled, PollEvents.Read);
        var writing = socket.AddTo(polled, PollEvents.Write);

        Assert.Equal(Errno.None, polled.Wait(-1));

        Assert.Equal(PollEvents.None, polled.Ready(reading));
        Assert.Equal(PollEvents.Write, polled.Ready(writing));
        Assert.Equal(0, socket.LocalEndPoint.Port);
        Assert.Equal(Errno.None, socket.Bind(GuestSockets.At("0.0.0.0", 9000)));
    }

    [Fact]
    public void Poll_AfterBinding_FindsWhatComes()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Datagram();
        using var polled = new PollSet(guest.Stop);
        _ = socket.AddTo(polled, PollEvents.Read);
        Assert.Equal(Errno.None, polled.Wait(0));

        Assert.Equal(Errno.None, socket.Bind(GuestSockets.At("0.0.0.0", 9000)));
        guest.Udp(0).SendTextTo("hello", GuestSockets.At("127.0.0.1", 9000));
        polled.Clear();
        var index = socket.AddTo(polled, PollEvents.Read);

        Assert.Equal(Errno.None, polled.Wait(-1));
        Assert.Equal(PollEvents.Read, polled.Ready(index));
    }

    [Fact]
    public void Connect_KeepsWhatHadCome()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var peer = guest.Udp(9000);
        var stranger = guest.Udp(9001);
        var socket = guest.Udp(9002);
        socket.NonBlocking = true;
        stranger.SendTextTo("early", GuestSockets.At("127.0.0.1", 9002));

        Assert.Equal(Errno.None, socket.Connect(GuestSockets.At("127.0.0.1", 9000)));
        stranger.SendTextTo("late", GuestSockets.At("127.0.0.1", 9002));
        peer.SendTextTo("hello", GuestSockets.At("127.0.0.1", 9002));

        Assert.Equal("early", socket.ReceiveText());
        Assert.Equal("hello", socket.ReceiveText());
        Assert.Equal(Errno.EAGAIN, socket.TryReceive(out _));
    }

    [Fact]
    public void EndedReceive_IsAnEndOnlyToWhoWouldWait()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Udp(9000);
        Assert.Equal(Errno.ENOTCONN, socket.Shutdown(SocketDirections.Receive));

        Assert.Equal("", socket.ReceiveText());
        socket.NonBlocking = true;
        Assert.Equal(Errno.EAGAIN, socket.TryReceive(out _));
    }

    [Fact]
    public void NowhereInIPv6sClothes_IsEveryAddress()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        var dns = server.Udp(53);
        using var web = stack.Add("web").CreateNamespace();
        using var other = stack.Add("other").CreateNamespace();
        var client = web.Datagram(SocketDomain.Inet6);
        Assert.Equal(Errno.None, client.Bind(GuestSockets.At("::ffff:0.0.0.0", 700)));

        client.SendTextTo("question", GuestSockets.At($"::ffff:{db.Address}", 53));
        var (_, sender) = dns.ReceiveTextFrom();
        dns.SendTextTo("answer", sender);
        Assert.Equal("answer", client.ReceiveText());

        var listener = server.Listen(80);
        foreach (var guest in new[] { web, other })
        {
            var stream = guest.Tcp(SocketDomain.Inet6);
            Assert.Equal(Errno.None, stream.Bind(GuestSockets.At("::ffff:0.0.0.0", 700)));
            Assert.Equal(Errno.None, stream.Connect(GuestSockets.At($"::ffff:{db.Address}", 80)));
            Assert.Equal(stream.LocalEndPoint.Address.Unmapped(), listener.AcceptOne().Peer().Address);
        }
    }
}
