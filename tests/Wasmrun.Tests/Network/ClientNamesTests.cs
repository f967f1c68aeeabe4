using System.Net.Sockets;
using System.Text;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>Who a client of another service is, against those who would take its place.</summary>
public sealed class ClientNamesTests
{
    [Theory]
    [InlineData("10.7.0.2")]
    [InlineData("fd00::2")]
    [InlineData("::")]
    public void Name_TellsTheAddress_ToItsOwnStackAlone(string address)
    {
        var names = new ClientNames();
        var client = GuestSockets.At(address, 40000);
        Assert.True(names.TryTake(client, out var name));

        Assert.True(names.TryDecode(name.AbstractName, out var decoded));
        Assert.Equal(client, decoded);
        Assert.False(new ClientNames().TryDecode(name.AbstractName, out _));
    }

    [Fact]
    public void Name_ThatWasChanged_IsNobodys()
    {
        var names = new ClientNames();
        Assert.True(names.TryTake(GuestSockets.At("10.7.0.2", 40000), out var name));
        var bytes = name.AbstractName.ToArray();

        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] = changed[i] == '0' ? (byte)'1' : (byte)'0';
            Assert.False(names.TryDecode(changed, out _));
        }

        Assert.False(names.TryDecode(bytes.AsSpan(1), out _));
        Assert.False(names.TryDecode(bytes.AsSpan(0, bytes.Length - 2), out _));
        Assert.False(names.TryDecode([], out _));
    }

    [Fact]
    public void Address_IsOneClientsAtATime_AndEachHasANameOfItsOwn()
    {
        var names = new ClientNames();
        var client = GuestSockets.At("10.7.0.2", 40000);
        var seen = new HashSet<string>();

        for (var i = 0; i < 100; i++)
        {
            Assert.True(names.TryTake(client, out var name));
            Assert.False(names.TryTake(client, out _));
            Assert.True(seen.Add(Encoding.ASCII.GetString(name.AbstractName)));
            names.Free(client);
        }
    }

    [Fact]
    public void NamesThatOthersHaveSeenAndTaken_AreInNobodysWay()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        var listener = server.Listen(5432);
        using var guest = stack.Add("web").CreateNamespace();
        using var first = guest.Tcp();
        Assert.Equal(Errno.None, first.Bind(GuestSockets.At("0.0.0.0", 4000)));
        Assert.Equal(Errno.None, first.Connect(guest.Resolve("db", 5432)));
        Assert.Equal(Errno.None, KernelSocket.LocalAddress(first.Descriptor, out var name));
        first.Dispose();
        Assert.Equal(Errno.None, KernelSocket.OpenUnix(datagram: false, out var squatter));
        using var owner = new Socket(new SafeSocketHandle(squatter, ownsHandle: true));
        Assert.Equal(Errno.None, KernelSocket.Bind(squatter, name));

        using var second = guest.Tcp();
        Assert.Equal(Errno.None, second.Bind(GuestSockets.At("0.0.0.0", 4000)));
        Assert.Equal(Errno.None, second.Connect(guest.Resolve("db", 5432)));

        using var earlier = listener.AcceptOne();
        using var connection = listener.AcceptOne();
        Assert.Equal(second.LocalEndPoint, connection.Peer());
    }

    [Fact]
    public void WhoeverIsNoGuest_IsNotShownToOne()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        var listener = server.Listen(5432);
        var path = Assert.Single(Directory.GetFiles(Assert.Single(Directory.GetDirectories(stack.Folder))));
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stranger.Connect(new UnixDomainSocketEndPoint(path));
        using var guest = stack.Add("web").CreateNamespace();
        using var client = guest.Tcp();
        Assert.Equal(Errno.None, client.Connect(guest.Resolve("db", 5432)));

        using var connection = listener.AcceptOne();

        Assert.Equal(client.LocalEndPoint, connection.Peer());
        Assert.Equal(Errno.EAGAIN, listener.Accept(out _));
        Assert.Equal(0, stranger.Receive(new byte[1]));
    }

    [Fact]
    public void Connect_WithEveryPortOfTheAddressTaken_IsAnError_AndTheLastFreeOneIsFound()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        server.Listen(5432);
        var web = stack.Add("web");
        using var guest = web.CreateNamespace();
        TakeAll(stack, web.Address4);

        using var first = guest.Tcp();
        Assert.Equal(Errno.EADDRNOTAVAIL, first.Connect(guest.Resolve("db", 5432)));

        stack.Network.ClientNames.Free(new(web.Address4, 40000));
        Assert.Equal(Errno.None, first.Connect(guest.Resolve("db", 5432)));
        Assert.Equal(40000, first.LocalEndPoint.Port);
        using var second = guest.Tcp();
        Assert.Equal(Errno.EADDRNOTAVAIL, second.Connect(guest.Resolve("db", 5432)));
        first.Dispose();
        Assert.Equal(Errno.None, second.Connect(guest.Resolve("db", 5432)));
    }

    [Fact]
    public void Stop_EndsTheSearchForAPort()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        server.Listen(5432);
        var web = stack.Add("web");
        using var guest = web.CreateNamespace();
        var target = guest.Resolve("db", 5432);
        TakeAll(stack, web.Address4);

        guest.Stop.Request();

        Assert.Throws<GuestStoppedException>(() => guest.Tcp().Connect(target));
    }

    [Fact]
    public void ConnectionsBetweenServices_AllocateNothing()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        var listener = server.Listen(5432);
        using var guest = stack.Add("web").CreateNamespace();
        var target = guest.Resolve("db", 5432);
        Connect(100);

        var allocated = long.MaxValue;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            // What a connection allocates shows in every attempt; what the system of .NET does once on this thread, in one of them.
            var before = GC.GetAllocatedBytesForCurrentThread();
            Connect(500);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, allocated);

        void Connect(int times)
        {
            for (var i = 0; i < times; i++)
            {
                guest.CreateSocket(SocketDomain.Inet4, SocketKind.Stream, out var client);
                client!.Connect(target);
                listener.Accept(out var connection);
                connection!.Dispose();
                client.Dispose();
            }
        }
    }

    private static void TakeAll(TestStack stack, InetAddress address)
    {
        for (var port = 61000 - PortTable.EphemeralCount; port < 61000; port++)
        {
            Assert.True(stack.Network.ClientNames.TryTake(new(address, (ushort)port), out _));
        }
    }
}
