using System.Net.Sockets;
using Wasmrun.Network;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Tests.Network;

public sealed class HoldTests
{
    private static readonly TimeSpan _hold = TimeSpan.FromSeconds(10);

    [Fact]
    public void PeersBeyondTheBound_WaitInTheKernel_AndAreResetInTheirTurn()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        db.CreateNamespace().Listen(5432).Dispose();
        using var web = stack.Add("web").CreateNamespace();
        var clients = Enumerable.Range(0, 1100).Select(_ => web.Tcp()).ToList();
        foreach (var client in clients)
        {
            Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
            client.SendText("patient");
        }

        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == 1024, Timeout.Infinite));
        stack.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(clients.Count - 1024, db.WaitingClients);
        stack.Time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(0, db.WaitingClients);
        Assert.All(clients, client => Assert.Equal(Errno.ECONNRESET, client.TryReceive(out _)));
    }

    [Fact]
    public void ListenerThatNeverAccepts_PinsNoMoreThanTheBound()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var guest = db.CreateNamespace();
        using var web = stack.Add("web").CreateNamespace();
        for (var port = 1; port <= 3; port++)
        {
            guest.Listen(port).Dispose();
            for (var client = 0; client < 400; client++)
            {
                using var socket = web.Tcp();
                Assert.Equal(Errno.None, socket.Connect(web.Resolve("db", port)));
            }

            var seen = Math.Min(400, 1024 - ((port - 1) * 400));
            Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == seen, Timeout.Infinite));
            guest.Listen(port);
        }

        Assert.False(db.PeersTakenIn.TryTake(1));
        guest.Dispose();
        stack.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.True(db.PeersTakenIn.TryTake(1));
    }

    [Fact]
    public async Task ClosesAClient_AfterItsHold_AndTellsSo()
    {
        using var stack = new TestStack();
        var web = stack.Add("web", hold: _hold);
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        WaitFor(web, 1);

        stack.Time.Advance(_hold - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, web.WaitingClients);
        stack.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(0, web.WaitingClients);
        await AssertClosedAsync(client);
        Assert.Equal([$"web gave up 1 on host port {forward.HostPort}"], stack.Observer.Events);
    }

    [Fact]
    public async Task CountsEachClientsHoldFromItsOwnArrival()
    {
        using var stack = new TestStack();
        var web = stack.Add("web", hold: _hold);
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var first = await HostClient.ConnectAsync(forward.HostPort);
        WaitFor(web, 1);
        stack.Time.Advance(TimeSpan.FromSeconds(9));
        using var second = await HostClient.ConnectAsync(forward.HostPort);
        WaitFor(web, 2);

        stack.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, web.WaitingClients);
        await AssertClosedAsync(first);

        using var guest = web.CreateNamespace();
        using var connection = guest.Listen(3000).AcceptOne();
        connection.SendText("served");
        Assert.Equal("served", await second.ReceiveAsync());
    }

    [Fact]
    public async Task ClosesAtOnce_WhenThereIsNoHold()
    {
        using var stack = new TestStack();
        var web = stack.Add("web", hold: TimeSpan.Zero);
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);

        try
        {
            using var client = await HostClient.ConnectAsync(forward.HostPort);
            await AssertClosedAsync(client);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // So fast that connecting itself has failed.
        }

        Assert.True(SpinWait.SpinUntil(() => stack.Observer.Events.Count == 1, Timeout.Infinite));
        Assert.Equal([$"web gave up 1 on host port {forward.HostPort}"], stack.Observer.Events);
    }

    [Fact]
    public async Task BeginsAgain_WhenAnInstanceStops()
    {
        using var stack = new TestStack();
        var web = stack.Add("web", hold: _hold);
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        var guest = web.CreateNamespace();
        guest.Listen(3000);
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        stack.Time.Advance(_hold * 2);
        Assert.Equal(0, web.WaitingClients);

        // The client is in the queue of an instance that ends without having accepted it.
        guest.Dispose();
        WaitFor(web, 1);
        stack.Time.Advance(_hold);

        await AssertClosedAsync(client);
    }

    [Fact]
    public async Task DoesNotCountThePause()
    {
        using var stack = new TestStack();
        var web = stack.Add("web", hold: _hold);
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var early = await HostClient.ConnectAsync(forward.HostPort);
        WaitFor(web, 1);
        stack.Time.Advance(TimeSpan.FromSeconds(4));
        web.PauseHold();
        using var late = await HostClient.ConnectAsync(forward.HostPort);
        WaitFor(web, 2);
        stack.Time.Advance(_hold * 3);
        Assert.Equal(2, web.WaitingClients);

        web.ResumeHold();
        stack.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, web.WaitingClients);
        await AssertClosedAsync(early);
        stack.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, web.WaitingClients);
        await AssertClosedAsync(late);
    }

    [Fact]
    public async Task ClosesAtOnce_WhenThereIsNoHold_AlsoInAPause()
    {
        using var stack = new TestStack();
        var web = stack.Add("web", hold: TimeSpan.Zero);
        web.PauseHold();
        var forward = TestStack.Forward(3000);
        using var client = await HostClient.ConnectAsync(forward.HostPort);

        web.SetForwards([forward]);

        await AssertClosedAsync(client);
    }

    [Fact]
    public void ClosesClientsOfOtherServicesToo()
    {
        using var stack = new TestStack();
        var db = stack.Add("db", hold: _hold);
        db.CreateNamespace().Listen(5432).Dispose();
        using var web = stack.Add("web").CreateNamespace();
        var client = web.Tcp();
        Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
        WaitFor(db, 1);

        stack.Time.Advance(_hold);

        Assert.Contains(client.TryReceive(out var text), new[] { Errno.None, Errno.ECONNRESET });
        Assert.Equal("", text);
        Assert.Contains("db gave up 1 peers on 5432", stack.Observer.Events, StringComparer.Ordinal);
    }

    [Fact]
    public void ResetsClientsOfOtherServicesThatHaveSentSomething()
    {
        using var stack = new TestStack();
        var db = stack.Add("db", hold: _hold);
        db.CreateNamespace().Listen(5432).Dispose();
        using var web = stack.Add("web").CreateNamespace();
        var client = web.Tcp();
        Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
        client.SendText("select");
        WaitFor(db, 1);

        stack.Time.Advance(_hold);

        Assert.Equal(Errno.ECONNRESET, client.TryReceive(out _));
    }

    [Fact]
    public async Task TakesNothingFromAnInstanceThatListens()
    {
        using var stack = new TestStack();
        var web = stack.Add("web", hold: TimeSpan.Zero);
        var forward = TestStack.Forward(3000);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        web.SetForwards([forward]);

        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => HostClient.ConnectAsync(forward.HostPort)));
        foreach (var client in clients)
        {
            using var connection = listener.AcceptOne();
            client.Dispose();
        }

        Assert.DoesNotContain(stack.Observer.Events, line => line.Contains("gave up", StringComparison.Ordinal));
    }

    /// <summary>Waits until the network has seen that many clients; connecting alone does not say that it has.</summary>
    private static void WaitFor(ServiceNetwork service, int clients) =>
        Assert.True(SpinWait.SpinUntil(() => service.WaitingClients == clients, Timeout.Infinite));

    private static async Task AssertClosedAsync(HostClient client)
    {
        try
        {
            Assert.Equal("", await client.ReceiveAsync());
        }
        catch (IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // A reset is what tells a client most clearly that nobody has looked at its request.
        }
    }
}
