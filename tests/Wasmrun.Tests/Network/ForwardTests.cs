using System.Net;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Tests.Network;

public sealed class ForwardTests
{
    [Fact]
    public async Task Serves_ClientOnEveryAddressOfTheForward()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);

        foreach (var endPoint in forward.EndPoints)
        {
            using var client = await HostClient.ConnectAsync(endPoint.Port, endPoint.Address);
            await client.SendAsync("ping");
            using var connection = listener.AcceptOne();
            Assert.Equal("ping", connection.ReceiveText());
            connection.SendText("pong");
            Assert.Equal("pong", await client.ReceiveAsync());
        }
    }

    [Fact]
    public async Task Serves_ClientThatConnectedWhileNobodyListened()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        await client.SendAsync("early");

        using var guest = web.CreateNamespace();
        using var connection = guest.Listen(3000).AcceptOne();

        Assert.Equal("early", connection.ReceiveText());
    }

    [Fact]
    public async Task Restart_KeepsForwardListening()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using (var first = web.CreateNamespace())
        {
            first.Listen(3000);
        }

        using var client = await HostClient.ConnectAsync(forward.HostPort);
        using var second = web.CreateNamespace();
        using var connection = second.Listen(3000).AcceptOne();
        connection.SendText("second");

        Assert.Equal("second", await client.ReceiveAsync());
    }

    [Fact]
    public async Task InstanceThatEnds_TakesOnlyThoseWithItThatItHasAccepted()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        var clients = new List<HostClient>();
        using (var dying = web.CreateNamespace())
        {
            var listener = dying.Listen(3000);
            for (var i = 0; i < 10; i++)
            {
                clients.Add(await HostClient.ConnectAsync(forward.HostPort));
                await clients[i].SendAsync("patient");
            }

            listener.AcceptOne();
            listener.AcceptOne();
        }

        using var next = web.CreateNamespace();
        var nextListener = next.Listen(3000);
        foreach (var client in clients.Skip(2))
        {
            using var connection = nextListener.AcceptOne();
            Assert.Equal("patient", connection.ReceiveText());
            connection.SendText("served");
            Assert.Equal("served", await client.ReceiveAsync());
        }

        Assert.Equal(Errno.EAGAIN, nextListener.Accept(out _));
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Handover_BringsNewClientsToTheNewInstanceOnly()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var old = web.CreateNamespace();
        var oldListener = old.Listen(3000);
        using var before = await HostClient.ConnectAsync(forward.HostPort);
        using var served = oldListener.AcceptOne();

        using var @new = web.CreateNamespace(accepting: false);
        var newListener = @new.Listen(3000);
        Assert.Equal(Errno.None, @new.StartAccepting());
        old.StopAccepting();

        for (var i = 0; i < 5; i++)
        {
            using var client = await HostClient.ConnectAsync(forward.HostPort);
            Assert.Equal(Errno.EAGAIN, oldListener.Accept(out _));
            using var connection = newListener.AcceptOne();
            connection.SendText("new");
            Assert.Equal("new", await client.ReceiveAsync());
        }

        served.SendText("still here");
        Assert.Equal("still here", await before.ReceiveAsync());
    }

    [Fact]
    public async Task Instance_ThatIsNotAccepting_GetsNoClients()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace(accepting: false);
        var listener = guest.Listen(3000);
        using var client = await HostClient.ConnectAsync(forward.HostPort);

        Assert.Equal(Errno.EAGAIN, listener.Accept(out _));
        Assert.True(SpinWait.SpinUntil(() => web.WaitingClients == 1, Timeout.Infinite));
    }

    [Fact]
    public async Task LiveForward_ReachesGuestThatAlreadyWaitsInAccept()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        var accepting = Task.Run(listener.AcceptOne, TestContext.Current.CancellationToken);

        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        using var connection = await accepting;
        connection.SendText("hello");

        Assert.Equal("hello", await client.ReceiveAsync());
    }

    [Fact]
    public async Task SetForwards_ClosesThoseNoLongerListed_AndKeepsTheOthersOpen()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var kept = TestStack.Forward(3000);
        var dropped = TestStack.Forward(3000);
        web.SetForwards([kept, dropped]);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);

        web.SetForwards([kept]);

        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => HostClient.ConnectAsync(dropped.HostPort));
        using var client = await HostClient.ConnectAsync(kept.HostPort);
        using var connection = listener.AcceptOne();
        Assert.Equal([kept], web.Forwards);
    }

    [Fact]
    public async Task Guest_SeesTheHostAsGateway_AndItselfUnderItsOwnAddress()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        using var connection = guest.Listen(3000).AcceptOne();

        var gateway = web.Address.GetAddressBytes() is [var a, var b, ..] ? $"{a}.{b}.0.1" : "";
        Assert.Equal(GuestSockets.At(gateway, client.Local.Port), connection.Peer());
        Assert.Equal(GuestSockets.At(web.Address.ToString(), 3000), connection.LocalEndPoint);
    }

    [Fact]
    public async Task GuestOnBothFamilies_GetsEachClientInItsOwn()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        Assert.SkipUnless(forward.EndPoints.Count == 2, "this machine has no IPv6");
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        var four = guest.Listen(3000);
        var six = guest.Tcp(SocketDomain.Inet6);
        Assert.Equal(Errno.None, six.SetOption(Wasmrun.Network.Sockets.SocketOption.OnlyVersion6, 1));
        Assert.Equal(Errno.None, six.Bind(new(InetAddress.Any6, 3000)));
        Assert.Equal(Errno.None, six.Listen(128));
        six.NonBlocking = true;

        using var client6 = await HostClient.ConnectAsync(forward.HostPort, IPAddress.IPv6Loopback);
        Assert.Equal(Errno.EAGAIN, four.Accept(out _));
        using var connection6 = six.AcceptOne();
        Assert.Equal(SocketDomain.Inet6, connection6.Peer().Address.Domain);

        using var client4 = await HostClient.ConnectAsync(forward.HostPort, IPAddress.Loopback);
        Assert.Equal(Errno.EAGAIN, six.Accept(out _));
        using var connection4 = four.AcceptOne();
        Assert.Equal(SocketDomain.Inet4, connection4.Peer().Address.Domain);
    }

    [Fact]
    public async Task NoForwardStarves_WhileAnotherIsBusy()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var busy = TestStack.Forward(3000);
        var quiet = TestStack.Forward(3000);
        web.SetForwards([busy, quiet]);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        var crowd = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => HostClient.ConnectAsync(busy.HostPort)));
        using var single = await HostClient.ConnectAsync(quiet.HostPort);

        var peers = Enumerable.Range(0, 20).Select(_ => listener.AcceptOne().Peer().Port).ToList();

        Assert.Contains((ushort)single.Local.Port, peers);
        Array.ForEach(crowd, client => client.Dispose());
    }

    [Fact]
    public void UnservedForward_IsToldWithThePortThatIsListenedOnInstead()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        guest.Listen(5000);

        var unserved = Assert.Single(web.UnservedForwards);

        Assert.Equal(forward, unserved.Forward);
        Assert.Equal([5000], unserved.Listening);
        guest.Listen(3000);
        Assert.Empty(web.UnservedForwards);
        Assert.Equal(["web listens on 5000/Tcp", "web listens on 3000/Tcp"], stack.Observer.Events);
    }

    [Fact]
    public async Task StoppedService_ClosesItsForwards()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);

        web.Dispose();

        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => HostClient.ConnectAsync(forward.HostPort));
    }
}
