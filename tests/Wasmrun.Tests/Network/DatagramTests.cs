using System.Net;
using System.Net.Sockets;
using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

public sealed class DatagramTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forward_CarriesQuestionsAndAnswers_OnEveryAddress()
    {
        using var stack = new TestStack();
        var dns = AddForwarded(stack, out var forward);
        using var guest = dns.CreateNamespace();
        var server = guest.Udp(53);

        foreach (var endPoint in forward.EndPoints)
        {
            using var client = new UdpClient(endPoint.AddressFamily);
            await client.SendAsync(Encoding.UTF8.GetBytes("question"), endPoint, Token);
            var (text, sender) = server.ReceiveTextFrom();
            Assert.Equal("question", text);
            Assert.Equal(((IPEndPoint)client.Client.LocalEndPoint!).Port, sender.Port);
            Assert.EndsWith(".0.1", sender.Address.ToString(), StringComparison.Ordinal);

            server.SendTextTo("answer", sender);
            var answer = await client.ReceiveAsync(Token);
            Assert.Equal("answer", Encoding.UTF8.GetString(answer.Buffer));
            Assert.Equal(endPoint, answer.RemoteEndPoint);
        }
    }

    [Fact]
    public void EmptyDatagrams_TakeUpRoomToo()
    {
        using var stack = new TestStack();
        using var db = stack.Add("db").CreateNamespace();
        var receiver = db.Udp(53);
        receiver.NonBlocking = true;
        using var web = stack.Add("web").CreateNamespace();
        var sender = web.Udp(0);
        var remote = web.Resolve("db", 53);
        for (var sent = 0; sent < 10_000; sent++)
        {
            Assert.Equal(Errno.None, sender.TrySendTo("", remote));
        }

        var received = 0;
        while (receiver.TryReceive(out _) == Errno.None)
        {
            received++;
        }

        Assert.InRange(received, 100, 5_000);
        Assert.Equal(Errno.None, sender.TrySendTo("there is room again", remote));
        Assert.Equal(Errno.None, receiver.TryReceive(out var text));
        Assert.Equal("there is room again", text);
    }

    [Fact]
    public void AllSocketsOfAnInstance_ShareABoundOnWhatWaits()
    {
        using var stack = new TestStack();
        using var db = stack.Add("db").CreateNamespace();
        using var web = stack.Add("web").CreateNamespace();
        var sender = web.Udp(0);
        var receivers = Enumerable.Range(1000, 8).Select(port => db.Udp(port)).ToList();
        foreach (var receiver in receivers)
        {
            receiver.NonBlocking = true;
            Assert.Equal(Errno.None, receiver.SetOption(SocketOption.ReceiveBuffer, 4 << 20));
            var remote = web.Resolve("db", receiver.LocalEndPoint.Port);
            for (var sent = 0; sent < 140; sent++)
            {
                Assert.Equal(Errno.None, sender.TrySendTo(new string('x', 60_000), remote));
            }
        }

        var received = 0;
        foreach (var receiver in receivers)
        {
            while (receiver.TryReceive(out _) == Errno.None)
            {
                received++;
            }
        }

        Assert.InRange(received, 100, (16 << 20) / 60_000);
        sender.SendTextTo("there is room again", web.Resolve("db", 1007));
        Assert.Equal("there is room again", receivers[^1].ReceiveText());
    }

    [Fact]
    public void ConnectedSocket_GetsNothingFromOthers_WhoCannotFillItsQueueEither()
    {
        using var stack = new TestStack();
        using var dns = stack.Add("dns").CreateNamespace();
        using var stranger = stack.Add("stranger").CreateNamespace();
        using var web = stack.Add("web").CreateNamespace();
        var server = dns.Udp(53);
        var client = web.Udp(4000);
        client.NonBlocking = true;
        Assert.Equal(Errno.None, client.Connect(web.Resolve("dns", 53)));
        client.SendText("question");
        var (_, asker) = server.ReceiveTextFrom();

        var flooder = stranger.Udp(53);
        for (var sent = 0; sent < 200; sent++)
        {
            Assert.Equal(Errno.None, flooder.TrySendTo(new string('x', 4000), stranger.Resolve("web", 4000)));
        }

        using var set = new PollSet(web.Stop);
        client.AddTo(set, PollEvents.Read);
        Assert.Equal(Errno.None, set.Wait(0));
        Assert.Equal(PollEvents.None, set.Ready(0));
        server.SendTextTo("answer", asker);
        Assert.Equal("answer", client.ReceiveText());
    }

    [Fact]
    public async Task ClientsOfAForward_WhoLookAlike_EachGetTheirOwnAnswers()
    {
        using var stack = new TestStack();
        var dns = AddForwarded(stack, out var forward);
        using var guest = dns.CreateNamespace();
        var server = guest.Udp(53);
        using var first = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0));
        using var second = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), ((IPEndPoint)first.Client.LocalEndPoint!).Port));
        var remote = new IPEndPoint(IPAddress.Loopback, forward.HostPort);

        for (var round = 0; round < 2; round++)
        {
            await first.SendAsync("one"u8.ToArray(), remote, Token);
            var (_, asOne) = server.ReceiveTextFrom();
            await second.SendAsync("two"u8.ToArray(), remote, Token);
            var (_, asTwo) = server.ReceiveTextFrom();
            Assert.NotEqual(asOne, asTwo);
            server.SendTextTo("to two", asTwo);
            server.SendTextTo("to one", asOne);

            Assert.Equal("to one", Encoding.UTF8.GetString((await first.ReceiveAsync(Token)).Buffer));
            Assert.Equal("to two", Encoding.UTF8.GetString((await second.ReceiveAsync(Token)).Buffer));
        }
    }

    [Fact]
    public async Task Forward_KeepsDatagramsOverARestart_ButNotLongerThanTheHold()
    {
        using var stack = new TestStack();
        var dns = AddForwarded(stack, out var forward);
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, forward.HostPort);
        await client.SendAsync(Encoding.UTF8.GetBytes("early"), Token);

        using (var first = dns.CreateNamespace())
        {
            Assert.Equal("early", first.Udp(53).ReceiveTextFrom().Text);
        }

        await client.SendAsync(Encoding.UTF8.GetBytes("stale"), Token);
        stack.Time.Advance(TimeSpan.FromSeconds(11));
        using var second = dns.CreateNamespace();
        var server = second.Udp(53);
        await client.SendAsync(Encoding.UTF8.GetBytes("fresh"), Token);
        Assert.Equal("fresh", server.ReceiveTextFrom().Text);
    }

    [Fact]
    public async Task Forward_KeepsDatagramsAsLongAsTheHoldIsPaused()
    {
        using var stack = new TestStack();
        var dns = AddForwarded(stack, out var forward);
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, forward.HostPort);
        dns.PauseHold();
        await client.SendAsync(Encoding.UTF8.GetBytes("kept"), Token);
        stack.Time.Advance(TimeSpan.FromSeconds(30));
        dns.ResumeHold();

        using var guest = dns.CreateNamespace();
        var server = guest.Udp(53);
        await client.SendAsync(Encoding.UTF8.GetBytes("fresh"), Token);
        Assert.Equal("kept", server.ReceiveTextFrom().Text);
    }

    [Theory]
    [InlineData(SocketDomain.Inet4)]
    [InlineData(SocketDomain.Inet6)]
    public void Services_ExchangeDatagramsUnderTheirVirtualAddresses(SocketDomain domain)
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        var web = stack.Add("web");
        using var serverGuest = db.CreateNamespace();
        using var clientGuest = web.CreateNamespace();
        var server = serverGuest.Udp(9000, domain);
        var client = clientGuest.Udp(0, domain);
        var (dbAddress, webAddress) = domain == SocketDomain.Inet4 ? (db.Address, web.Address) : (db.AddressV6, web.AddressV6);

        client.SendTextTo("question", GuestSockets.At(dbAddress.ToString(), 9000));
        var (text, sender) = server.ReceiveTextFrom();
        server.SendTextTo("answer", sender);

        Assert.Equal("question", text);
        Assert.Equal(GuestSockets.At(webAddress.ToString(), client.LocalEndPoint.Port), sender);
        Assert.Equal(("answer", GuestSockets.At(dbAddress.ToString(), 9000)), client.ReceiveTextFrom());
    }

    [Fact]
    public void MoreThanAKernelWouldQueueBetweenProcesses_Arrives()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        using var guest = stack.Add("web").CreateNamespace();
        var receiver = server.Udp(9000);
        var client = guest.Udp(0);
        var target = guest.Resolve("db", 9000);

        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 500; i++)
            {
                client.SendTextTo($"datagram {i}", target);
            }

            for (var i = 0; i < 500; i++)
            {
                Assert.Equal($"datagram {i}", receiver.ReceiveTextFrom().Text);
            }
        }
    }

    [Fact]
    public void FullReceiver_LosesDatagrams_AndTheSenderGoesOn()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        using var guest = stack.Add("web").CreateNamespace();
        var receiver = server.Udp(9000);
        receiver.NonBlocking = true;
        var client = guest.Udp(0);
        var target = guest.Resolve("db", 9000);

        for (var i = 0; i < 1000; i++)
        {
            client.SendTextTo(new('x', 1000), target);
        }

        var received = 0;
        while (receiver.TryReceive(out _) == Errno.None)
        {
            received++;
        }

        Assert.InRange(received, 100, 999);
    }

    [Fact]
    public void OwnLoopback_CarriesDatagrams()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var server = guest.Udp(9000);
        var client = guest.Udp(0);

        client.SendTextTo("me", GuestSockets.At("127.0.0.1", 9000));

        Assert.Equal(("me", GuestSockets.At("127.0.0.1", client.LocalEndPoint.Port)), server.ReceiveTextFrom());
    }

    [Fact]
    public void ConnectedSocket_HearsItsPeerOnly_AndLearnsWhenItIsNotThere()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var peer = guest.Udp(9000);
        var stranger = guest.Udp(9001);
        var client = guest.Udp(0);
        client.NonBlocking = true;
        Assert.Equal(Errno.None, client.Connect(GuestSockets.At("127.0.0.1", 9000)));
        var local = client.LocalEndPoint;

        stranger.SendTextTo("ignore me", local);
        peer.SendTextTo("hear me", local);
        Assert.Equal("hear me", client.ReceiveText());
        Assert.Equal(Errno.EAGAIN, client.TryReceive(out _));

        peer.Dispose();
        client.SendText("anybody?");
        Assert.Equal(Errno.ECONNREFUSED, client.TryReceive(out _));
    }

    [Fact]
    public void ConnectedSocket_IsNotToldWhatBecameOfSomebodyElses()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var peer = guest.Udp(9000);
        var client = guest.Udp(0);
        Assert.Equal(Errno.None, client.Connect(GuestSockets.At("127.0.0.1", 9000)));

        client.SendTextTo("nobody", GuestSockets.At("127.0.0.1", 9001));

        Assert.Equal(Errno.None, client.TakeError());
        client.SendText("still here");
        Assert.Equal("still here", peer.ReceiveText());
    }

    [Fact]
    public void EndedDirections_NeitherWaitNorSend()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var peer = guest.Udp(9000);
        peer.NonBlocking = true;
        var client = guest.Udp(0);
        Assert.Equal(Errno.ENOTCONN, guest.Udp(0).Shutdown(SocketDirections.Both));
        Assert.Equal(Errno.None, client.Connect(GuestSockets.At("127.0.0.1", 9000)));
        peer.SendTextTo("before", client.LocalEndPoint);

        Assert.Equal(Errno.None, client.Shutdown(SocketDirections.Both));

        Assert.Equal(Errno.EPIPE, client.TrySendTo("late", GuestSockets.At("127.0.0.1", 9000)));
        Assert.Equal(Errno.EAGAIN, peer.TryReceive(out _));
        Assert.Equal("before", client.ReceiveText());
        Assert.Equal("", client.ReceiveText());
        using var polled = new PollSet(guest.Stop);
        var index = client.AddTo(polled, PollEvents.Read);
        Assert.Equal(Errno.None, polled.Wait(-1));
        Assert.Equal(PollEvents.Read | PollEvents.HangUp, polled.Ready(index));
    }

    [Fact]
    public void ReceiveOfAnUnboundSocket_DoesNotBindIt()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Datagram();
        Assert.Equal(Errno.None, socket.SetOption(SocketOption.ReceiveTimeout, 1_000_000));

        Assert.Equal(Errno.EAGAIN, socket.TryReceive(out _));

        Assert.Equal(Errno.None, socket.Bind(GuestSockets.At("127.0.0.1", 9000)));
    }

    [Fact]
    public void SeparatedServices_DoNotReachEachOther()
    {
        using var stack = new TestStack();
        var db = stack.Add("db", networks: ["back"]);
        using var server = db.CreateNamespace();
        server.Udp(9000);
        using var guest = stack.Add("web", networks: ["front"]).CreateNamespace();

        Assert.Equal(Errno.ENETUNREACH, guest.Udp(0).TrySendTo("x", GuestSockets.At(db.Address.ToString(), 9000)));
    }

    [Fact]
    public void LongDatagram_IsCutAndToldSo_AndTheNextIsWhole()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var server = guest.Udp(9000);
        var client = guest.Udp(0);
        client.SendTextTo("too long", GuestSockets.At("127.0.0.1", 9000));
        client.SendTextTo("next", GuestSockets.At("127.0.0.1", 9000));

        Assert.Equal(("too", true), server.ReceiveShort(3, ReceiveFlags.Peek));
        Assert.Equal(("too", true), server.ReceiveShort(3, ReceiveFlags.None));
        Assert.Equal(("next", false), server.ReceiveShort(10, ReceiveFlags.None));
    }

    [Fact]
    public void Poll_SeesADatagramWaiting_AndRoomToSend()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var server = guest.Udp(9000);
        using var set = new PollSet(guest.Stop);

        server.AddTo(set, PollEvents.Read);
        Assert.Equal(Errno.None, set.Wait(0));
        Assert.Equal(PollEvents.None, set.Ready(0));
        guest.Udp(0).SendTextTo("x", GuestSockets.At("127.0.0.1", 9000));
        Assert.Equal(Errno.None, set.Wait(-1));
        Assert.Equal(PollEvents.Read, set.Ready(0));

        set.Clear();
        server.AddTo(set, PollEvents.Write);
        Assert.Equal(Errno.None, set.Wait(-1));
        Assert.Equal(PollEvents.Write, set.Ready(0));
    }

    [Fact]
    public void AnswersWithTheErrorsOfAKernel()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Udp(9000);

        Assert.Equal(Errno.EADDRINUSE, guest.Datagram().Bind(GuestSockets.At("0.0.0.0", 9000)));
        Assert.Equal(Errno.EOPNOTSUPP, socket.Listen(1));
        Assert.Equal(Errno.EOPNOTSUPP, socket.Accept(out _));
        Assert.Equal(Errno.EDESTADDRREQ, socket.Send([], out _));
        Assert.Equal(Errno.EMSGSIZE, socket.TrySendTo(new('x', 70_000), GuestSockets.At("127.0.0.1", 9000)));
        Assert.Equal(Errno.EACCES, socket.TrySendTo("x", GuestSockets.At("255.255.255.255", 9000)));
        Assert.Equal(Errno.ENOTCONN, socket.Shutdown(SocketDirections.Both));
        Assert.Equal(Errno.EPIPE, socket.TrySendTo("x", GuestSockets.At("127.0.0.1", 9000)));
    }

    [Fact]
    public void TwoInstances_HaveDifferentClientPorts()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        var receiver = server.Udp(9000);
        var web = stack.Add("web");
        using var one = web.CreateNamespace();
        using var two = web.CreateNamespace();

        foreach (var guest in Enumerable.Repeat(new[] { one, two }, 50).SelectMany(pair => pair))
        {
            var client = guest.Udp(0);
            client.SendTextTo("ping", guest.Resolve("db", 9000));
            receiver.SendTextTo("pong", receiver.ReceiveTextFrom().Sender);
            Assert.Equal("pong", client.ReceiveTextFrom().Text);
        }
    }

    [Fact]
    public async Task Stop_EndsABlockedReceive()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Udp(9000);
        var receiving = Task.Run(() => socket.TryReceive(out _), Token);

        guest.Stop.Request();

        await Assert.ThrowsAsync<GuestStoppedException>(() => receiving);
    }

    [Fact]
    public void BoundSocket_CountsAsListening()
    {
        using var stack = new TestStack();
        var dns = AddForwarded(stack, out var forward);
        using var guest = dns.CreateNamespace();
        guest.Udp(0);
        Assert.Equal(forward, Assert.Single(dns.UnservedForwards).Forward);

        guest.Udp(53).Dispose();

        Assert.Equal(["dns listens on 53/Udp", "dns no longer listens on 53/Udp"], stack.Observer.Events);
    }

    /// <summary>A service with a forward to its port 53, and a hold of ten seconds.</summary>
    private static ServiceNetwork AddForwarded(TestStack stack, out BoundForward forward)
    {
        var dns = stack.Add("dns", hold: TimeSpan.FromSeconds(10));
        forward = TestStack.Forward(53, ForwardProtocol.Udp);
        dns.SetForwards([forward]);
        return dns;
    }
}
