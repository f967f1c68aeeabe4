using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

public sealed class ServiceDiscoveryTests
{
    [Theory]
    [InlineData("db")]
    [InlineData("DB")]
    [InlineData("database")]
    public void Service_IsReachedUnderItsNameAndAliases(string name)
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var db = stack.Add("db", aliases: ["database"]);
        using var server = db.CreateNamespace();
        var listener = server.Listen(5432);
        using var guest = web.CreateNamespace();
        var client = guest.Tcp();

        Assert.Equal(Errno.None, client.Connect(guest.Resolve(name, 5432)));
        using var connection = listener.AcceptOne();
        client.SendText("select");

        Assert.Equal("select", connection.ReceiveText());
    }

    [Fact]
    public void Alias_IsOfOneNetwork()
    {
        using var stack = new TestStack();
        var front = stack.Add("front", networks: ["f"]);
        var back = stack.Add("back", networks: ["b"]);
        var db = stack.Add("db", networks: ["b", "f"], aliases: ["database"]);
        using var outside = front.CreateNamespace();
        using var inside = back.CreateNamespace();
        using var own = db.CreateNamespace();

        Assert.Equal($"{db.Address}", $"{inside.Resolve("database", 5432).Address}");
        Assert.Equal($"{db.Address}", $"{own.Resolve("database", 5432).Address}");
        Assert.Equal($"{db.Address}", $"{outside.Resolve("db", 5432).Address}");
        Assert.Equal(Errno.ENOENT, outside.Resolve("database"u8, new InetAddress[1], out _));
    }

    [Fact]
    public void BothEnds_SeeVirtualAddresses()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        var listener = server.Listen(5432);
        using var guest = web.CreateNamespace();
        var client = guest.Tcp();

        Assert.Equal(Errno.None, client.Connect(guest.Resolve("db", 5432)));
        using var connection = listener.AcceptOne();

        Assert.Equal(GuestSockets.At(web.Address.ToString(), client.LocalEndPoint.Port), client.LocalEndPoint);
        Assert.Equal(client.LocalEndPoint, connection.Peer());
        Assert.Equal(GuestSockets.At(db.Address.ToString(), 5432), connection.LocalEndPoint);
        Assert.Equal(connection.LocalEndPoint, client.Peer());
        Assert.StartsWith("10.", db.Address.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void BothEnds_SeeVirtualAddressesInIPv6Too()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        var listener = server.Listen(5432, SocketDomain.Inet6);
        using var guest = web.CreateNamespace();
        var client = guest.Tcp(SocketDomain.Inet6);

        Assert.Equal(Errno.None, client.Connect(GuestSockets.At(db.AddressV6.ToString(), 5432)));
        using var connection = listener.AcceptOne();
        Assert.Equal(GuestSockets.At(web.AddressV6.ToString(), client.LocalEndPoint.Port), connection.Peer());
        Assert.Equal(GuestSockets.At(db.AddressV6.ToString(), 5432), connection.LocalEndPoint);

        var client4 = guest.Tcp();
        Assert.Equal(Errno.None, client4.Connect(guest.Resolve("db", 5432)));
        using var connection4 = listener.AcceptOne();
        Assert.Equal($"[::ffff:{web.Address}]:{client4.LocalEndPoint.Port}", connection4.Peer().ToString());
    }

    [Fact]
    public void ServicesWithoutACommonNetwork_DoNotSeeEachOther()
    {
        using var stack = new TestStack();
        var db = stack.Add("db", networks: ["back"]);
        using var server = db.CreateNamespace();
        server.Listen(5432);
        using var web = stack.Add("web", networks: ["front"]).CreateNamespace();
        using var api = stack.Add("api", networks: ["front", "back"]).CreateNamespace();

        Assert.Equal(Errno.ENOENT, web.Resolve("db"u8, new InetAddress[1], out _));
        Assert.Equal(Errno.ENETUNREACH, web.Tcp().Connect(GuestSockets.At(db.Address.ToString(), 5432)));
        Assert.Equal(Errno.None, api.Tcp().Connect(api.Resolve("db", 5432)));
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1 ::1")]
    [InlineData("app.localhost", "127.0.0.1 ::1")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    public void Resolve_AnswersForTheStack(string name, string expected)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var addresses = new InetAddress[8];

        Assert.Equal(Errno.None, guest.Resolve(Encoding.UTF8.GetBytes(name), addresses, out var count));

        Assert.Equal(expected, string.Join(' ', addresses.Take(count)));
    }

    [Fact]
    public void LoopbackListener_IsNotForOtherServices()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        var listener = server.Tcp();
        Assert.Equal(Errno.None, listener.Bind(GuestSockets.At("127.0.0.1", 5432)));
        Assert.Equal(Errno.None, listener.Listen(1));
        using var web = stack.Add("web").CreateNamespace();

        Assert.Equal(Errno.ECONNREFUSED, web.Tcp().Connect(web.Resolve("db", 5432)));
    }

    [Fact]
    public void LoopbackListener_GetsNoneOfThoseWhoWaitForTheService()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        db.CreateNamespace().Listen(5432).Dispose();
        using var web = stack.Add("web").CreateNamespace();
        var early = Ask("early");
        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == 1, Timeout.Infinite));

        using var next = db.CreateNamespace();
        var inner = next.Tcp();
        Assert.Equal(Errno.None, inner.Bind(GuestSockets.At("127.0.0.1", 5432)));
        Assert.Equal(Errno.None, inner.Listen(1));
        inner.NonBlocking = true;
        var late = Ask("late");
        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == 2, Timeout.Infinite));
        Assert.Equal(Errno.EAGAIN, inner.Accept(out _));

        using (var outer = db.CreateNamespace())
        {
            var listener = outer.Listen(5432);
            using var first = listener.AcceptOne();
            Assert.Equal("early", first.ReceiveText());
        }

        Assert.Equal(Errno.EAGAIN, inner.Accept(out _));
        stack.Time.Advance(TimeSpan.FromDays(1));
        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == 0, Timeout.Infinite));
        Assert.Equal(Errno.ECONNRESET, late.TryReceive(out _));

        VirtualSocket Ask(string text)
        {
            var client = web.Tcp();
            Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
            client.SendText(text);
            return client;
        }
    }

    [Fact]
    public void SocketOnTheOwnLoopback_ReachesNobodyElse()
    {
        using var stack = new TestStack();
        using var db = stack.Add("db").CreateNamespace();
        db.Listen(5432);
        db.Udp(53);
        using var web = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();

        var client = web.Tcp();
        Assert.Equal(Errno.None, client.Bind(GuestSockets.At("127.0.0.1", 0)));
        Assert.Equal(Errno.EINVAL, client.Connect(web.Resolve("db", 5432)));
        Assert.Equal(Errno.EINVAL, client.Connect(web.Resolve("host.wasmrun.internal", 5432)));

        var sender = web.Datagram();
        Assert.Equal(Errno.None, sender.Bind(GuestSockets.At("127.0.0.1", 0)));
        Assert.Equal(Errno.EINVAL, sender.TrySendTo("question", web.Resolve("db", 53)));
        Assert.Equal(Errno.EINVAL, sender.Connect(web.Resolve("db", 53)));
    }

    [Fact]
    public void Restart_KeepsClientsOfOtherServicesWaiting()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var web = stack.Add("web").CreateNamespace();
        Assert.Equal(Errno.ECONNREFUSED, web.Tcp().Connect(web.Resolve("db", 5432)));
        using (var first = db.CreateNamespace())
        {
            first.Listen(5432);
        }

        var client = web.Tcp();
        Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
        client.SendText("early");
        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == 1, Timeout.Infinite));

        using var second = db.CreateNamespace();
        using var connection = second.Listen(5432).AcceptOne();
        Assert.Equal("early", connection.ReceiveText());
        Assert.Equal(client.LocalEndPoint, connection.Peer());
    }

    [Fact]
    public void InstanceThatEndsBeforeItAccepts_LeavesItsClientsOfOtherServicesToTheNext()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        db.CreateNamespace().Listen(5432).Dispose();
        using var web = stack.Add("web").CreateNamespace();
        var clients = Enumerable.Range(0, 5).Select(_ => web.Tcp()).ToList();
        foreach (var client in clients)
        {
            Assert.Equal(Errno.None, client.Connect(web.Resolve("db", 5432)));
            client.SendText("patient");
        }

        Assert.True(SpinWait.SpinUntil(() => db.WaitingClients == clients.Count, Timeout.Infinite));
        using (var dying = db.CreateNamespace())
        {
            using var first = dying.Listen(5432).AcceptOne();
            Assert.Equal(0, db.WaitingClients);
        }

        Assert.Equal(clients.Count - 1, db.WaitingClients);
        using var next = db.CreateNamespace();
        var listener = next.Listen(5432);
        foreach (var client in clients.Skip(1))
        {
            using var connection = listener.AcceptOne();
            Assert.Equal("patient", connection.ReceiveText());
            connection.SendText("served");
            Assert.Equal("served", client.ReceiveText());
        }
    }

    [Fact]
    public void StoppedService_RefusesTheOthers_AndKeepsItsAddressForTheNextStart()
    {
        using var stack = new TestStack();
        var db = stack.Add("db");
        using var server = db.CreateNamespace();
        server.Listen(5432);
        using var web = stack.Add("web").CreateNamespace();
        var target = web.Resolve("db", 5432);

        db.Dispose();
        Assert.Equal(Errno.ECONNREFUSED, web.Tcp().Connect(target));
        Assert.Equal(Errno.ENOENT, web.Resolve("db"u8, new InetAddress[1], out _));

        Assert.Equal(db.Address, stack.Add("db").Address);
    }

    [Fact]
    public void TwoInstances_ConnectFromDifferentPortsOfTheirCommonAddress()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        server.Listen(5432);
        var web = stack.Add("web");
        using var one = web.CreateNamespace();
        using var two = web.CreateNamespace();

        var locals = new HashSet<InetEndPoint>();
        foreach (var guest in Enumerable.Repeat(new[] { one, two }, 50).SelectMany(pair => pair))
        {
            var client = guest.Tcp();
            Assert.Equal(Errno.None, client.Connect(guest.Resolve("db", 5432)));
            Assert.True(locals.Add(client.LocalEndPoint));
        }
    }

    [Fact]
    public void TakenLocalPortOfTheAddress_IsAnError_WhenTheGuestChoseIt()
    {
        using var stack = new TestStack();
        using var server = stack.Add("db").CreateNamespace();
        server.Listen(5432);
        var web = stack.Add("web");
        using var one = web.CreateNamespace();
        using var two = web.CreateNamespace();

        Assert.Equal(Errno.None, ConnectFrom(one, 4000));
        Assert.Equal(Errno.EADDRINUSE, ConnectFrom(two, 4000));

        static Errno ConnectFrom(NetworkNamespace guest, int port)
        {
            var client = guest.Tcp();
            Assert.Equal(Errno.None, client.Bind(GuestSockets.At("0.0.0.0", port)));
            return client.Connect(guest.Resolve("db", 5432));
        }
    }

    [Fact]
    public void SocketsBetweenServices_LieInAPrivateFolderThatGoesWithTheStack()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("db").CreateNamespace();
        guest.Listen(5432);

        var folder = Assert.Single(Directory.GetDirectories(stack.Folder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        Assert.Single(Directory.GetFileSystemEntries(folder));

        stack.Network.Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(stack.Folder));
    }

    [Fact]
    public void GuestThatListensAgainAndAgain_PilesNothingUp()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();

        for (var port = 1; port <= 500; port++)
        {
            guest.Listen(port).Dispose();
            guest.Listen(0).Dispose();
        }

        Assert.InRange(Directory.GetFileSystemEntries(Directory.GetDirectories(stack.Folder)[0]).Length, 1, 64);
    }

    [Fact]
    public void SocketsOfAKilledRun_AreRemovedByTheNext_AndThoseOfARunningOneAreNot()
    {
        using var running = new TestStack();
        using var guest = running.Add("db").CreateNamespace();
        guest.Listen(5432);
        var abandoned = Path.Combine(running.Folder, "net-00000000");
        Directory.CreateDirectory(abandoned);
        File.WriteAllText(Path.Combine(abandoned, "0.5432"), "");
        File.WriteAllText(abandoned + ".lock", "");

        using var next = new StackNetwork(new() { Name = "next", RuntimeDirectory = running.Folder }, running.Observer, running.Time);
        next.AddService(new() { Name = "web" });

        Assert.False(Directory.Exists(abandoned));
        Assert.False(File.Exists(abandoned + ".lock"));
        Assert.Equal(2, Directory.GetDirectories(running.Folder).Length);
    }

    [Fact]
    public void LongFolderNames_AreNoObstacle()
    {
        using var stack = new TestStack();
        var folder = Path.Combine(stack.Folder, new string('a', 90), new string('b', 90));
        using var network = new StackNetwork(new() { Name = "long", RuntimeDirectory = folder }, stack.Observer, stack.Time);
        using var server = network.AddService(new() { Name = "db" }).CreateNamespace();
        using var guest = network.AddService(new() { Name = "web" }).CreateNamespace();
        server.Listen(5432);

        Assert.Equal(Errno.None, guest.Tcp().Connect(guest.Resolve("db", 5432)));
    }
}
