using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

public sealed class InstanceNetworkTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public void OwnLoopback_ConnectsAGuestToItself(string address)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(3000);
        var client = guest.Tcp();

        Assert.Equal(Errno.None, client.Connect(GuestSockets.At(address, 3000)));
        using var connection = listener.AcceptOne();
        client.SendText("me");

        Assert.Equal("me", connection.ReceiveText());
        Assert.Equal(client.LocalEndPoint, connection.Peer());
        Assert.Equal(GuestSockets.At("127.0.0.1", 3000), connection.LocalEndPoint);
        Assert.Equal(connection.LocalEndPoint, client.Peer());
        Assert.InRange(client.LocalEndPoint.Port, 32768, 60999);
    }

    [Fact]
    public void OwnName_IsTheOwnAddress()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        var client = guest.Tcp();

        Assert.Equal(Errno.None, client.Connect(guest.Resolve("web", 3000)));

        using var connection = listener.AcceptOne();
        Assert.Equal(GuestSockets.At(web.Address.ToString(), 3000), connection.LocalEndPoint);
        Assert.Equal(GuestSockets.At(web.Address.ToString(), client.LocalEndPoint.Port), connection.Peer());
    }

    [Fact]
    public void Refuses_OwnLoopbackWhereNobodyListens()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();

        Assert.Equal(Errno.ECONNREFUSED, guest.Tcp().Connect(GuestSockets.At("127.0.0.1", 3000)));
    }

    [Fact]
    public void SamePort_IsFreeInEveryNamespaceAndTakenOnceInEach()
    {
        using var stack = new TestStack();
        using var one = stack.Add("one").CreateNamespace();
        using var two = stack.Add("two").CreateNamespace();
        one.Listen(3000);
        two.Listen(3000);

        Assert.Equal(Errno.EADDRINUSE, one.Tcp().Bind(GuestSockets.At("0.0.0.0", 3000)));
        Assert.Equal(Errno.EADDRINUSE, one.Tcp().Bind(GuestSockets.At("127.0.0.1", 3000)));
        Assert.Equal(Errno.EADDRINUSE, one.Tcp(SocketDomain.Inet6).Bind(GuestSockets.At("::", 3000)));
    }

    [Fact]
    public void ConnectionsToItselfThatNobodyAccepts_AreBoundedOverAllPorts()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listeners = Enumerable.Range(1, 20).Select(port => guest.Listen(port)).ToList();
        foreach (var listener in listeners)
        {
            // Those of the listeners before are still waiting, though their clients are gone.
            while (ConnectsAndLeaves(guest, listener.LocalEndPoint.Port))
            {
            }
        }

        var waiting = 0;
        foreach (var listener in listeners)
        {
            while (listener.Accept(out var connection) == Errno.None)
            {
                connection!.Dispose();
                waiting++;
            }
        }

        Assert.Equal(1024, waiting);
        Assert.True(ConnectsAndLeaves(guest, 20));
    }

    [Fact]
    public async Task BlockingConnectToAFullBacklog_WaitsUntilTheInstanceIsStopped()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(1);
        listener.Listen(0);
        var (first, second) = (guest.Tcp(), guest.Tcp());
        Assert.Equal(Errno.None, first.Connect(GuestSockets.At("127.0.0.1", 1)));
        var connecting = Task.Run(() => second.Connect(GuestSockets.At("127.0.0.1", 1)), TestContext.Current.CancellationToken);

        guest.Stop.Request();

        await Assert.ThrowsAsync<GuestStoppedException>(() => connecting);
    }

    [Fact]
    public void ListenerWhoseReceivingEnds_RefusesClients_AndCanListenAgain()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(3000);
        Assert.Equal(Errno.None, listener.Shutdown(SocketDirections.Send));
        Assert.True(ConnectsAndLeaves(guest, 3000));

        Assert.Equal(Errno.None, listener.Shutdown(SocketDirections.Receive));

        Assert.Equal(Errno.EINVAL, listener.Accept(out _));
        Assert.False(ConnectsAndLeaves(guest, 3000));
        Assert.Equal(Errno.EADDRINUSE, guest.Tcp().Bind(GuestSockets.At("0.0.0.0", 3000)));
        Assert.Equal(Errno.None, listener.Listen(1));
        Assert.True(ConnectsAndLeaves(guest, 3000));
    }

    private static bool ConnectsAndLeaves(NetworkNamespace guest, int port)
    {
        var socket = guest.Tcp();
        socket.NonBlocking = true;
        var error = socket.Connect(GuestSockets.At("127.0.0.1", port));
        socket.Dispose();
        return error == Errno.None;
    }

    [Fact]
    public void ListenerThatIsClosedWithItsGuest_IsNoNews()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Listen(3000);

        guest.NoteEnd();
        socket.Dispose();

        Assert.Equal(["web listens on 3000/Tcp"], stack.Observer.Events);
    }

    [Fact]
    public void ClosedListener_GivesItsPortBack()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();

        guest.Listen(3000).Dispose();

        guest.Listen(3000);
        Assert.Equal(
            ["web listens on 3000/Tcp", "web no longer listens on 3000/Tcp", "web listens on 3000/Tcp"],
            stack.Observer.Events);
    }

    [Fact]
    public void Answers_WithTheErrorsOfAKernel()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(3000);
        var bound = guest.Tcp();
        Assert.Equal(Errno.None, bound.Bind(GuestSockets.At("127.0.0.1", 0)));
        var connected = guest.Tcp();
        Assert.Equal(Errno.None, connected.Connect(GuestSockets.At("127.0.0.1", 3000)));

        Assert.Equal(Errno.EADDRNOTAVAIL, guest.Tcp().Bind(GuestSockets.At("192.0.2.1", 3000)));
        Assert.Equal(Errno.EAFNOSUPPORT, guest.Tcp().Bind(GuestSockets.At("::", 3000)));
        Assert.Equal(Errno.EAFNOSUPPORT, guest.Tcp().Connect(GuestSockets.At("::1", 3000)));
        Assert.Equal(Errno.EINVAL, bound.Bind(GuestSockets.At("127.0.0.1", 0)));
        Assert.Equal(Errno.EINVAL, bound.Accept(out _));
        Assert.Equal(Errno.EINVAL, connected.Listen(1));
        Assert.Equal(Errno.EISCONN, connected.Connect(GuestSockets.At("127.0.0.1", 3000)));
        Assert.Equal(Errno.EISCONN, listener.Connect(GuestSockets.At("127.0.0.1", 3000)));
        Assert.Equal(Errno.EAGAIN, guest.Listen(3001).Accept(out _));
        Assert.Equal(Errno.ENOTCONN, bound.GetPeer(out _));
        Assert.Equal(Errno.ENOTCONN, bound.TryReceive(out _));
        Assert.Equal(Errno.ENOTCONN, listener.TryReceive(out _));
        Assert.Equal(Errno.ENOTCONN, bound.Shutdown(SocketDirections.Both));
        Assert.Equal(Errno.EINVAL, connected.Shutdown(SocketDirections.None));
        Assert.Equal(Errno.EPIPE, bound.Send([], out _));
    }

    [Fact]
    public void AddressesOfTheStackThatNobodyHas_AreUnreachable()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        using var guest = web.CreateNamespace();
        var bytes = web.Address.GetAddressBytes();

        Assert.Equal(Errno.EHOSTUNREACH, guest.Tcp().Connect(GuestSockets.At($"10.{bytes[1]}.9.9", 80)));
    }

    [Fact]
    public void Shutdown_EndsOneDirection()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        Assert.Equal(Errno.None, guest.CreatePair(SocketKind.Stream, out var one, out var other));

        one!.SendText("last words");
        Assert.Equal(Errno.None, one!.Shutdown(SocketDirections.Send));

        Assert.Equal("last words", other!.ReceiveText());
        Assert.Equal("", other!.ReceiveText());
        other!.SendText("answer");
        Assert.Equal("answer", one!.ReceiveText());
    }

    [Fact]
    public void SharedSocket_ClosesWithItsLastHolder()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        Assert.Equal(Errno.None, guest.CreatePair(SocketKind.Stream, out var one, out var other));
        one!.AddReference();

        one!.Dispose();
        one!.SendText("still open");
        one!.Dispose();

        Assert.Equal("still open", other!.ReceiveText());
        Assert.Equal("", other!.ReceiveText());
    }

    [Fact]
    public void Poll_SeesAConnectionWaiting()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(3000);
        using var set = new PollSet(guest.Stop);

        listener.AddTo(set, PollEvents.Read);
        Assert.Equal(Errno.None, set.Wait(0));
        Assert.Equal(PollEvents.None, set.Ready(0));

        Assert.Equal(Errno.None, guest.Tcp().Connect(GuestSockets.At("127.0.0.1", 3000)));
        set.Clear();
        listener.AddTo(set, PollEvents.Read);
        Assert.Equal(Errno.None, set.Wait(-1));
        Assert.Equal(PollEvents.Read, set.Ready(0));

        listener.AcceptOne();
        Assert.Equal(Errno.None, set.Wait(0));
        Assert.Equal(PollEvents.None, set.Ready(0));
    }

    [Fact]
    public void LoopbackOfAnInstanceBesideAnother_LeadsToThatOne_WhereItHasNoListenerOfItsOwn()
    {
        using var stack = new TestStack();
        var service = stack.Add("web");
        using var served = service.CreateNamespace();
        using var other = service.CreateNamespace();
        using var check = service.CreateNamespace(accepting: false, served);
        var listener = served.Listen(3000);
        _ = served.Listen(3001);
        var own = check.Listen(3001);
        var (first, second, missing, stranger) = (check.Tcp(), check.Tcp(), check.Tcp(), other.Tcp());

        Assert.Equal(Errno.None, first.Connect(GuestSockets.At("127.0.0.1", 3000)));
        first.SendText("x");
        Assert.Equal("x", listener.AcceptOne().ReceiveText());
        Assert.Equal(Errno.None, second.Connect(GuestSockets.At("127.0.0.1", 3001)));
        second.SendText("y");
        Assert.Equal("y", own.AcceptOne().ReceiveText());
        Assert.Equal(Errno.ECONNREFUSED, missing.Connect(GuestSockets.At("127.0.0.1", 3002)));
        Assert.Equal(Errno.ECONNREFUSED, stranger.Connect(GuestSockets.At("127.0.0.1", 3000)));
    }

    [Fact]
    public void InheritedListener_TakesItsPortOnFirstUse()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        web.SetForwards([TestStack.Forward(3000), TestStack.Forward(3001)]);
        using var guest = web.CreateNamespace();

        var inherited = guest.CreateInheritedListeners();

        Assert.Equal(["tcp-3000", "tcp-3001"], inherited.Select(listener => listener.Name), StringComparer.Ordinal);
        Assert.Empty(guest.Listening);
        guest.Listen(3001);
        inherited[0].Socket.NonBlocking = true;
        Assert.Equal(Errno.EAGAIN, inherited[0].Socket.Accept(out _));
        Assert.Equal(Errno.EADDRINUSE, inherited[1].Socket.Accept(out _));
        Assert.Equal([3000, 3001], guest.Listening.Select(port => port.Port).Order());
    }

    [Fact]
    public async Task Probe_ReachesAnInstanceThatDoesNotAcceptYet()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace(accepting: false);
        Assert.Equal(Errno.ECONNREFUSED, guest.TryConnect(3000, out _));
        var listener = guest.Listen(3000);

        Assert.Equal(Errno.None, guest.TryConnect(3000, out var probe));
        await using (probe)
        {
            using var connection = listener.AcceptOne();
            connection.SendText("well");
            var buffer = new byte[16];
            Assert.Equal(4, await probe!.ReadAsync(buffer, TestContext.Current.CancellationToken));
        }
    }
}
