using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>Which listener a client comes to when there is one for each family, in either order.</summary>
public sealed class FamilyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OwnLoopback_LeadsToTheListenerOfTheAddressesFamily(bool version6First)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var (four, six) = ListenTwice(guest, version6First);
        var (client4, mapped, client6) = (guest.Tcp(), guest.Tcp(SocketDomain.Inet6), guest.Tcp(SocketDomain.Inet6));

        Assert.Equal(Errno.None, client6.Connect(GuestSockets.At("::1", 8080)));
        Assert.Equal(Errno.EAGAIN, four.Accept(out _));
        Assert.Equal(client6.LocalEndPoint, six.AcceptOne().Peer());

        Assert.Equal(Errno.None, client4.Connect(GuestSockets.At("127.0.0.1", 8080)));
        Assert.Equal(Errno.None, mapped.Connect(GuestSockets.At("::ffff:127.0.0.1", 8080)));
        Assert.Equal(Errno.EAGAIN, six.Accept(out _));
        Assert.Equal(client4.LocalEndPoint, four.AcceptOne().Peer());
        Assert.Equal(mapped.LocalEndPoint.Port, four.AcceptOne().Peer().Port);
    }

    [Fact]
    public void OwnLoopback_ThatOnlyAnIPv4SocketListensOn_ServesBothFamilies()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(8080);
        var client = guest.Tcp(SocketDomain.Inet6);

        Assert.Equal(Errno.None, client.Connect(GuestSockets.At("::1", 8080)));

        using var connection = listener.AcceptOne();
        Assert.Equal(GuestSockets.At("127.0.0.1", client.LocalEndPoint.Port), connection.Peer());
    }

    [Fact]
    public void OwnLoopback_ThatAnIPv4SocketIsBoundTo_IsNotThatOfIPv6()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Tcp();
        Assert.Equal(Errno.None, listener.Bind(GuestSockets.At("127.0.0.1", 8080)));
        Assert.Equal(Errno.None, listener.Listen(1));

        Assert.Equal(Errno.ECONNREFUSED, guest.Tcp(SocketDomain.Inet6).Connect(GuestSockets.At("::1", 8080)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OtherServices_ComeToTheListenerOfTheAddressesFamily(bool version6First)
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        var (four, six) = ListenTwice(server, version6First);
        using var web = stack.Add("web").CreateNamespace();

        AssertServed(web, db.Address6, six, four);
        AssertServed(web, db.Address4, four, six);
    }

    [Fact]
    public void OtherServices_ComeToTheListenerThatIsLeft()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        var (four, six) = ListenTwice(server, version6First: false);
        using var web = stack.Add("web").CreateNamespace();
        using var waiting = web.Tcp(SocketDomain.Inet6);
        Assert.Equal(Errno.None, waiting.Connect(new(db.Address6, 8080)));

        six.Dispose();

        Assert.Equal(waiting.LocalEndPoint.Port, four.AcceptOne().Peer().Port);
        AssertServed(web, db.Address6, four);
        four.Dispose();
        six = server.Tcp(SocketDomain.Inet6);
        Assert.Equal(Errno.None, six.Bind(new(InetAddress.Any6, 8080)));
        Assert.Equal(Errno.None, six.Listen(1));
        AssertServed(web, db.Address6, six);
        AssertServed(web, db.Address4, six);
    }

    [Fact]
    public void RestartedInstance_GetsTheClientsOfBothFamilies()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using (var first = db.CreateNamespace())
        {
            ListenTwice(first, version6First: false);
        }

        using var web = stack.Add("web").CreateNamespace();
        using var client6 = web.Tcp(SocketDomain.Inet6);
        Assert.Equal(Errno.None, client6.Connect(new(db.Address6, 8080)));
        using var client4 = web.Tcp();
        Assert.Equal(Errno.None, client4.Connect(new(db.Address4, 8080)));
        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == 2, Timeout.Infinite));

        using var second = db.CreateNamespace();
        var listener = second.Listen(8080);

        ushort[] ports = [listener.AcceptOne().Peer().Port, listener.AcceptOne().Peer().Port];
        Assert.Equal(new[] { client6.LocalEndPoint.Port, client4.LocalEndPoint.Port }.Order(), ports.Order());
    }

    [Theory]
    [InlineData("db")]
    [InlineData("localhost")]
    public void AnswerOfAnIPv4DatagramSocket_ComesFromTheAddressThatWasAsked(string whom)
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        using var other = stack.Add("web").CreateNamespace();
        var guest = whom == "db" ? other : server;
        var address = whom == "db" ? db.Address6 : InetAddress.Loopback6;
        var receiver = server.Udp(5000);
        var (asking, connected) = (guest.Udp(0, SocketDomain.Inet6), guest.Udp(0, SocketDomain.Inet6));
        Assert.Equal(Errno.None, connected.Connect(new(address, 5000)));

        connected.SendText("first");
        var (question, sender) = receiver.ReceiveTextFrom();
        receiver.SendTextTo("to the first", sender);
        asking.SendTextTo("second", new(address, 5000));
        receiver.SendTextTo("to the second", receiver.ReceiveTextFrom().Sender);

        Assert.Equal("first", question);
        Assert.Equal(SocketDomain.Inet4, sender.Address.Domain);
        Assert.Equal("to the first", connected.ReceiveText());
        Assert.Equal(("to the second", new InetEndPoint(address, 5000)), asking.ReceiveTextFrom());
    }

    [Fact]
    public void IPv4DatagramSocket_AnswersTheSameClientByTheFamilyThatItAskedIn()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        using var guest = stack.Add("web").CreateNamespace();
        var (receiver, client) = (server.Udp(5000), guest.Udp(0, SocketDomain.Inet6));

        foreach (var address in new[] { db.Address6, db.Address4.Mapped(), db.Address6 })
        {
            client.SendTextTo("question", new(address, 5000));
            receiver.SendTextTo("answer", receiver.ReceiveTextFrom().Sender);
            Assert.Equal(("answer", new InetEndPoint(address, 5000)), client.ReceiveTextFrom());
        }
    }

    [Fact]
    public void IPv4DatagramSocket_ThatConnectsToItsClient_IsHeardAndHearsIt()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        using var guest = stack.Add("web").CreateNamespace();
        var (receiver, client) = (server.Udp(5000), guest.Udp(0, SocketDomain.Inet6));
        Assert.Equal(Errno.None, client.Connect(new(db.Address6, 5000)));

        client.SendText("hello");
        Assert.Equal(Errno.None, receiver.Connect(receiver.ReceiveTextFrom().Sender));
        receiver.SendText("welcome");
        Assert.Equal("welcome", client.ReceiveText());
        client.SendText("thanks");

        Assert.Equal("thanks", receiver.ReceiveText());
    }

    [Fact]
    public void DatagramsOfOtherServices_ComeToTheSocketOfTheAddressesFamily()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        using var guest = stack.Add("web").CreateNamespace();
        var four = server.Udp(5000);
        var six = server.Datagram(SocketDomain.Inet6);
        Assert.Equal(Errno.None, six.SetOption(SocketOption.OnlyVersion6, 1));
        Assert.Equal(Errno.None, six.Bind(new(InetAddress.Any6, 5000)));

        for (var i = 0; i < 10; i++)
        {
            guest.Udp(0).SendTextTo("four", new(db.Address4, 5000));
            guest.Udp(0, SocketDomain.Inet6).SendTextTo("six", new(db.Address6, 5000));
            Assert.Equal(("four", "six"), (four.ReceiveTextFrom().Text, six.ReceiveTextFrom().Text));
        }
    }

    private static void AssertServed(NetworkNamespace from, InetAddress address, VirtualSocket by, params VirtualSocket[] notBy)
    {
        using var client = from.Tcp(address.Domain);
        Assert.Equal(Errno.None, client.Connect(new(address, 8080)));
        Assert.All(notBy, other => Assert.Equal(Errno.EAGAIN, other.Accept(out _)));
        using var connection = by.AcceptOne();
        Assert.Equal(client.LocalEndPoint.Port, connection.Peer().Port);
    }

    private static (VirtualSocket Four, VirtualSocket Six) ListenTwice(NetworkNamespace guest, bool version6First)
    {
        var four = version6First ? null : guest.Listen(8080);
        var six = guest.Tcp(SocketDomain.Inet6);
        Assert.Equal(Errno.None, six.SetOption(SocketOption.OnlyVersion6, 1));
        Assert.Equal(Errno.None, six.Bind(new(InetAddress.Any6, 8080)));
        Assert.Equal(Errno.None, six.Listen(128));
        six.NonBlocking = true;
        return (four ?? guest.Listen(8080), six);
    }
}
