using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>A stream whose reader wants no more, inside the stack, where it is no TCP but has to look like it.</summary>
public sealed class EndedReceiveTests
{
    [Theory]
    [InlineData("web")]
    [InlineData("db")]
    public void Receive_FindsWhatIsThere_AndThenTheEnd_WhileThePeerGoesOn(string service)
    {
        using var stack = new TestStack();
        using var db = stack.Add("db").CreateNamespace();
        using var web = stack.Add("web").CreateNamespace();
        var server = string.Equals(service, "web", StringComparison.Ordinal) ? web : db;
        var (client, accepted) = Connect(web, server, service);
        client.SendText("before");

        Assert.Equal(Errno.None, accepted.Shutdown(SocketDirections.Receive));

        Assert.Equal(("bef", false), accepted.ReceiveShort(3, ReceiveFlags.Peek));
        Assert.Equal("before", accepted.ReceiveText());
        Assert.Equal("", accepted.ReceiveText());
        Assert.Equal(("", false), accepted.ReceiveShort(8, ReceiveFlags.WaitAll));
        accepted.NonBlocking = true;
        Assert.Equal("", accepted.ReceiveText());
        client.SendText("after");
        Assert.Equal("after", accepted.ReceiveText());
        accepted.SendText("answer");
        Assert.Equal("answer", client.ReceiveText());
    }

    [Fact]
    public void ReceiveOfOneBuffer_FindsTheEndToo()
    {
        using var stack = new TestStack();
        using var web = stack.Add("web").CreateNamespace();
        var (_, accepted) = Connect(web, web, "web");

        Assert.Equal(Errno.None, accepted.Shutdown(SocketDirections.Receive));

        Assert.Equal(Errno.None, accepted.ReceivePiece(default, out var count));
        Assert.Equal((nuint)0, count);
    }

    [Fact]
    public void Poll_FindsTheEnd_AlsoWhereItHadWaitedBefore()
    {
        using var stack = new TestStack();
        using var web = stack.Add("web").CreateNamespace();
        var (_, accepted) = Connect(web, web, "web");
        using var polled = new PollSet(web.Stop);
        _ = accepted.AddTo(polled, PollEvents.Read);
        Assert.Equal(Errno.None, polled.Wait(0));
        var closings = web.Stop.Closings;

        Assert.Equal(Errno.None, accepted.Shutdown(SocketDirections.Receive));

        Assert.NotEqual(closings, web.Stop.Closings);
        polled.Clear();
        var index = accepted.AddTo(polled, PollEvents.Read);
        Assert.Equal(Errno.None, polled.Wait(-1));
        Assert.Equal(PollEvents.Read, polled.Ready(index));
    }

    private static (VirtualSocket Client, VirtualSocket Accepted) Connect(NetworkNamespace from, NetworkNamespace to, string service)
    {
        var listener = to.Listen(8080);
        var client = from.Tcp();
        Assert.Equal(Errno.None, client.Connect(from.Resolve(service, 8080)));
        return (client, listener.AcceptOne());
    }
}
