using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using SocketOption = Wasmrun.Network.Sockets.SocketOption;

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
        using var server = ListenWithAFullQueue(out var queued);
        using var filler = queued;
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

    [Theory]
    [InlineData(true, Errno.None, Errno.EISCONN)]
    [InlineData(false, Errno.ECONNREFUSED, Errno.ECONNREFUSED)]
    public async Task SecondConnect_WaitsForTheFirst_InBlockingMode(bool isAccepted, Errno second, Errno third)
    {
        using var stack = new TestStack();
        using var server = ListenWithAFullQueue(out var queued);
        using var filler = queued;
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var remote = guest.Resolve("host.wasmrun.internal", ((IPEndPoint)server.LocalEndPoint!).Port);
        using var client = guest.Tcp();
        client.NonBlocking = true;
        Assert.Equal(Errno.EINPROGRESS, client.Connect(remote));
        client.NonBlocking = false;
        Assert.Equal(Errno.None, client.SetOption(SocketOption.SendTimeout, 1_000_000));
        Assert.Equal(Errno.EALREADY, client.Connect(remote));
        Assert.Equal(Errno.None, client.SetOption(SocketOption.SendTimeout, 0));

        // Nobody answers before the client tries once more.
        var connect = Task.Run(() => client.Connect(remote), TestContext.Current.CancellationToken);
        if (isAccepted)
        {
            server.Accept().Dispose();
        }
        else
        {
            server.Dispose();
        }

        Assert.Equal(second, await connect);
        Assert.Equal(third, client.Connect(remote));
    }

    [Fact]
    public void RefusalThatAReceiveHasTold_DoesNotBecomeAConnection()
    {
        using var stack = new TestStack();
        using var server = ListenWithAFullQueue(out var queued);
        using var filler = queued;
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var client = guest.Tcp();
        client.NonBlocking = true;
        Assert.Equal(Errno.EINPROGRESS, client.Connect(guest.Resolve("host.wasmrun.internal", ((IPEndPoint)server.LocalEndPoint!).Port)));
        server.Dispose();
        using var set = new PollSet(guest.Stop);
        client.AddTo(set, PollEvents.Write);
        Assert.Equal(Errno.None, set.Wait(-1));

        Assert.Equal(Errno.ECONNREFUSED, client.TryReceive(out _));

        Assert.Equal(Errno.ENOTCONN, client.GetPeer(out _));
        Assert.False(client.IsConnected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ProgramOfTheHost_ThatListensOnIPv6Alone_IsReachedAlsoByWhoDoesNotWait(bool nonBlocking)
    {
        using var stack = new TestStack();
        using var server = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        server.Listen(1);
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var client = guest.Tcp();
        client.NonBlocking = nonBlocking;

        Assert.Equal(Errno.None, client.Connect(guest.Resolve("host.wasmrun.internal", ((IPEndPoint)server.LocalEndPoint!).Port)));

        Assert.True(client.IsConnected);
    }

    [Fact]
    public void SendTimeout_EndsAConnectToAFullBacklogOfTheGuestsOwn()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(1);
        listener.Listen(0);

        AssertTimesOut(guest, listener, GuestSockets.At("127.0.0.1", 1));
    }

    [Fact]
    public void SendTimeout_EndsAConnectToAFullQueueOfAService()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        var listener = server.Listen(5432);
        ShortenQueue(Assert.Single(Directory.GetFiles(Assert.Single(Directory.GetDirectories(stack.Folder)))));
        using var guest = stack.Add("web").CreateNamespace();

        AssertTimesOut(guest, listener, guest.Resolve("db", 5432));
    }

    private static void AssertTimesOut(NetworkNamespace guest, VirtualSocket listener, InetEndPoint remote)
    {
        using var first = guest.Tcp();
        Assert.Equal(Errno.None, first.Connect(remote));
        using var second = guest.Tcp();
        Assert.Equal(Errno.None, second.SetOption(SocketOption.SendTimeout, 1_000_000));

        Assert.Equal(Errno.EINPROGRESS, second.Connect(remote));

        using var set = new PollSet(guest.Stop);
        second.AddTo(set, PollEvents.Write);
        Assert.Equal(Errno.None, set.Wait(-1));
        Assert.Equal(PollEvents.Write | PollEvents.HangUp, set.Ready(0));
        Assert.Equal(Errno.ETIMEDOUT, second.TakeError());
        Assert.Equal(Errno.None, second.TakeError());
        Assert.Equal(Errno.EINPROGRESS, second.Connect(remote));
        listener.AcceptOne().Dispose();
        Assert.Equal(Errno.None, second.Connect(remote));
        Assert.Equal(Errno.None, second.TakeError());
        Assert.Equal(second.LocalEndPoint, listener.AcceptOne().Peer());
    }

    /// <summary>Lets one client wait and no second, at a listener that the kernel finds for us.</summary>
    private static void ShortenQueue(string path)
    {
        var wanted = KernelAddress.FromPath(Encoding.UTF8.GetBytes(path));
        foreach (var link in Directory.GetFiles("/proc/self/fd"))
        {
            var descriptor = int.Parse(Path.GetFileName(link), System.Globalization.CultureInfo.InvariantCulture);
            if (KernelSocket.LocalAddress(descriptor, out var address) == Errno.None && Bytes(ref address).SequenceEqual(Bytes(ref wanted)))
            {
                Assert.Equal(Errno.None, KernelSocket.Listen(descriptor, 0));
                return;
            }
        }

        Assert.Fail($"nobody listens on {path}");
    }

    private static ReadOnlySpan<byte> Bytes(ref KernelAddress address) => MemoryMarshal.CreateReadOnlySpan(ref address.Start(), (int)address.Length);

    /// <summary>A listener of the host that answers nobody any more.</summary>
    private static Socket ListenWithAFullQueue(out Socket filler)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen(0);
        filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        filler.Connect(server.LocalEndPoint!);
        return server;
    }
}
