using Wasmrun.Network.Kernel;

namespace Wasmrun.Tests.Network;

/// <summary>What is waited for when an instance is to go, and what is not.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task Clients_AreCountedFromTheirAcceptToTheirClose()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        var own = guest.Tcp();
        Assert.Equal(Errno.None, own.Connect(GuestSockets.At("127.0.0.1", 3000)));
        using var ownConnection = listener.AcceptOne();
        using var client = await HostClient.ConnectAsync(forward.HostPort);

        using var connection = listener.AcceptOne();
        Assert.Equal(1, guest.Clients);
        connection.Dispose();

        Assert.Equal(0, guest.Clients);
    }

    [Fact]
    public void WaitingClients_AreCounted_ButNeitherTheGuestItselfNorTheRunner()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        using var guest = web.CreateNamespace();
        guest.Listen(3000).Dispose();
        using var shop = stack.Add("shop").CreateNamespace();
        using var client = shop.Tcp();
        Assert.Equal(Errno.None, client.Connect(shop.Resolve("web", 3000)));
        Assert.True(SpinWait.SpinUntil(() => web.WaitingClients == 1, Timeout.Infinite));

        using var listener = guest.Listen(3000);
        using var own = guest.Tcp();
        Assert.Equal(Errno.None, own.Connect(GuestSockets.At("127.0.0.1", 3000)));
        Assert.Equal(Errno.None, guest.TryConnect(3000, out var probe));

        using (probe)
        {
            Assert.Equal(1, guest.Clients);
        }
    }

    [Fact]
    public async Task AnsweredConnection_IsEndedBetweenTwoRequests()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        using var answered = await HostClient.ConnectAsync(forward.HostPort);
        using var answeredConnection = listener.AcceptOne();
        await answered.SendAsync("ask");
        Assert.Equal("ask", answeredConnection.ReceiveText());
        answeredConnection.SendText("answer");
        Assert.Equal("answer", await answered.ReceiveAsync());
        using var asking = await HostClient.ConnectAsync(forward.HostPort);
        using var askingConnection = listener.AcceptOne();
        await asking.SendAsync("ask");

        guest.EndIdleClients(TimeSpan.Zero, andLocal: false);

        Assert.Equal("", answeredConnection.ReceiveText());
        Assert.Equal("ask", askingConnection.ReceiveText());
        askingConnection.SendText("answer");
        Assert.Equal("answer", await asking.ReceiveAsync());
    }

    [Fact]
    public async Task ConnectionThatAskedNothingYet_IsNotEnded()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        using var connection = listener.AcceptOne();

        guest.EndIdleClients(TimeSpan.Zero, andLocal: false);
        await client.SendAsync("ask");

        Assert.Equal("ask", connection.ReceiveText());
    }
}
