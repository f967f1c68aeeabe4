using Wasmrun.Network;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Tests.Network;

/// <summary>A service of which no instance is to come refuses the other services at once, and lets nobody wait.</summary>
public sealed class PeerRefusalTests
{
    [Fact]
    public void WhoComesIsRefused_UntilAGuestListensAgain()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        Serve(db).Dispose();
        using var web = stack.Add("web").CreateNamespace();

        db.RefusePeers();
        Assert.Equal(Errno.ECONNREFUSED, web.Tcp().Connect(web.Resolve("db", 5432)));

        using var next = db.CreateNamespace();
        var listener = next.Listen(5432);
        var client = web.Tcp();
        Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
        using var connection = listener.AcceptOne();
        connection.SendText("served");
        Assert.Equal("served", client.ReceiveText());
    }

    [Fact]
    public void WhoWaitsIsReset()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        Serve(db).Dispose();
        using var web = stack.Add("web").CreateNamespace();
        var client = web.Tcp();
        Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
        client.SendText("select");
        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == 1, Timeout.Infinite));

        db.RefusePeers();

        Assert.Equal(Errno.ECONNRESET, client.TryReceive(out _));
        Assert.Equal(0, db.WaitingClients);
    }

    [Fact]
    public async Task ClientsOfAForward_WaitOn()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        web.CreateNamespace().Listen(3000).Dispose();
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        Assert.True(SpinWait.SpinUntil(() => web.WaitingClients == 1, Timeout.Infinite));

        web.RefusePeers();

        using var guest = web.CreateNamespace();
        using var connection = guest.Listen(3000).AcceptOne();
        connection.SendText("served");
        Assert.Equal("served", await client.ReceiveAsync());
    }

    [Fact]
    public void PortThatAGuestListensOn_IsServedOn()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = Serve(db);
        using var web = stack.Add("web").CreateNamespace();

        db.RefusePeers();

        Assert.Equal(Errno.None, web.Tcp().Connect(web.Resolve("db", 5432)));
    }

    private static NetworkNamespace Serve(ServiceNetwork service)
    {
        var guest = service.CreateNamespace();
        guest.Listen(5432);
        return guest;
    }
}
