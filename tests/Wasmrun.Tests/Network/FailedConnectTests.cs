using System.Net;
using System.Net.Sockets;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>What a socket is after a connection that did not come about, and how that is told.</summary>
public sealed class FailedConnectTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("db")]
    [InlineData("host.wasmrun.internal")]
    public void RefusedSocket_IsAsItWasBefore(string target)
    {
        using var stack = new TestStack();
        using var reserved = TestStack.Forward(1);
        reserved.Dispose();
        stack.Add("db");
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var remote = guest.Resolve(target, reserved.HostPort);
        var (client, bound) = (guest.Tcp(), guest.Tcp());
        Assert.Equal(Errno.None, bound.Bind(GuestSockets.At("0.0.0.0", 4001)));

        Assert.Equal(Errno.ECONNREFUSED, client.Connect(remote));
        Assert.Equal(Errno.ECONNREFUSED, bound.Connect(remote));

        Assert.Equal(Errno.None, client.TakeError());
        Assert.Equal(GuestSockets.At("0.0.0.0", 0), client.LocalEndPoint);
        Assert.Equal(Errno.None, client.Bind(GuestSockets.At("0.0.0.0", 4000)));
        Assert.Equal(Errno.EINVAL, client.Bind(GuestSockets.At("0.0.0.0", 4002)));
        Assert.Equal(GuestSockets.At("0.0.0.0", 4001), bound.LocalEndPoint);
        Assert.Equal(Errno.EINVAL, bound.Bind(GuestSockets.At("0.0.0.0", 4002)));
        Assert.Equal(Errno.None, bound.Listen(1));
        Assert.Equal(Errno.None, client.Connect(GuestSockets.At("127.0.0.1", 4001)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ConnectionThatIsRefusedLater_IsToldOnce_AndGivesThePortBack(bool bySocketError)
    {
        using var stack = new TestStack();
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen(0);
        using var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        filler.Connect(server.LocalEndPoint!);
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var remote = guest.Resolve("host.wasmrun.internal", ((IPEndPoint)server.LocalEndPoint!).Port);
        var client = guest.Tcp();
        client.NonBlocking = true;

        // Nobody answers while the queue is full, and then somebody refuses.
        Assert.Equal(Errno.EINPROGRESS, client.Connect(remote));
        Assert.Equal(Errno.EALREADY, client.Connect(remote));
        server.Dispose();
        using var set = new PollSet(guest.Stop);
        client.AddTo(set, PollEvents.Write);
        Assert.Equal(Errno.None, set.Wait(-1));
        Assert.Equal(Errno.ECONNREFUSED, bySocketError ? client.TakeError() : client.Connect(remote));

        Assert.Equal(Errno.None, client.TakeError());
        Assert.Equal(Errno.ENOTCONN, client.GetPeer(out _));
        Assert.Equal(Errno.None, client.Bind(GuestSockets.At("0.0.0.0", 4000)));
    }
}
