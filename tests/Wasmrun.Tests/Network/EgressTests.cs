using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

public sealed class EgressTests
{
    private const string Public = "93.184.215.14";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Nothing_IsAllowedUnlessListed_AndEachDenialIsToldOnce()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(Errno.EACCES, guest.Tcp().Connect(GuestSockets.At(Public, 443)));
            Assert.Equal(Errno.EACCES, guest.Tcp(SocketDomain.Inet6).Connect(GuestSockets.At("2606:2800:220:1::1", 443)));
            Assert.Equal(Errno.EACCES, guest.Udp(0).TrySendTo("x", GuestSockets.At(Public, 53)));
            Assert.Equal(Errno.EACCES, Resolve(guest, "api.example.com", out _));
        }

        Assert.Empty(stack.Resolver.Asked);
        Assert.Equal(
            [
                $"web denied {Public}:443: egress: [\"{Public}:443\"]",
                "web denied [2606:2800:220:1::1]:443: egress: [\"[2606:2800:220:1::1]:443\"]",
                $"web denied {Public}:53: egress: [\"{Public}:53\"]",
                "web denied api.example.com: egress: [\"api.example.com\"]",
            ],
            stack.Observer.Events);
    }

    [Fact]
    public void ListedName_IsResolved_AndItsAddressesAreAllowedOnTheListedPort()
    {
        using var stack = new TestStack();
        stack.Resolver["api.example.com"] = ["2606:2800:220:1::1", Public];
        using var guest = stack.Add("web", egress: ["api.example.com:443"]).CreateNamespace();

        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(guest, Public, 443));
        Assert.Equal(Errno.None, Resolve(guest, "api.example.com", out var addresses));
        Assert.Equal([Public, "2606:2800:220:1::1"], addresses, StringComparer.Ordinal);

        Assert.NotEqual(Errno.EACCES, ConnectWithoutWaiting(guest, Public, 443));
        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(guest, Public, 80));
        Assert.Contains("web denied api.example.com:80: egress: [\"api.example.com:443\", \"api.example.com:80\"]", stack.Observer.Events, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("192.168.1.1")]
    [InlineData("224.0.0.1")]
    [InlineData("::1")]
    [InlineData("fd12::1")]
    [InlineData("fe80::1")]
    [InlineData("64:ff9b::a01:203")]
    [InlineData("::ffff:10.1.2.3")]
    public void ListedName_ThatLeadsToAnInnerAddress_IsDenied(string inner)
    {
        using var stack = new TestStack();
        stack.Resolver["rebound.example.com"] = [inner];
        using var guest = stack.Add("web", egress: ["*.example.com", "*"]).CreateNamespace();

        Assert.Equal(Errno.EACCES, Resolve(guest, "rebound.example.com", out _));

        var address = IPAddress.Parse(inner);
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var remedy = IPAddress.IsLoopback(address) ? "host.wasmrun.internal" : address.ToString();
        Assert.Equal([$"web denied rebound.example.com ({address}): egress: [\"*.example.com\", \"*\", \"{remedy}\"]"], stack.Observer.Events);
    }

    [Fact]
    public void InnerAddress_IsAllowedWhenItselfListed()
    {
        using var stack = new TestStack();
        stack.Resolver["intranet.example.com"] = ["10.1.2.3", "10.9.9.9"];
        using var guest = stack.Add("web", egress: ["10.1.0.0/16:8080", "intranet.example.com"]).CreateNamespace();

        Assert.Equal(Errno.None, Resolve(guest, "intranet.example.com", out var addresses));

        Assert.Equal(["10.1.2.3"], addresses, StringComparer.Ordinal);
        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(guest, "10.1.2.3", 80));
        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(guest, "10.9.9.9", 8080));
    }

    [Fact]
    public void Name_IsNotAskedFor_BecauseABlockIsListed()
    {
        using var stack = new TestStack();
        using var block = stack.Add("block", egress: ["10.1.0.0/16"]).CreateNamespace();
        using var everything = stack.Add("everything", egress: ["0.0.0.0/0"]).CreateNamespace();
        stack.Resolver["api.example.com"] = [Public];

        Assert.Equal(Errno.EACCES, Resolve(block, "api.example.com", out _));
        Assert.Empty(stack.Resolver.Asked);
        Assert.Equal(Errno.None, Resolve(everything, "api.example.com", out var addresses));

        Assert.Equal([Public], addresses, StringComparer.Ordinal);
    }

    [Fact]
    public void NamesOfOneAddress_EachAllowTheirOwnPort()
    {
        using var stack = new TestStack();
        stack.Resolver["api.example.com"] = [Public];
        stack.Resolver["cdn.example.org"] = [Public];
        using var guest = stack.Add("web", egress: ["api.example.com:443", "*.example.org:80"]).CreateNamespace();

        Assert.Equal(Errno.None, Resolve(guest, "api.example.com", out _));
        Assert.Equal(Errno.None, Resolve(guest, "cdn.example.org", out _));

        Assert.NotEqual(Errno.EACCES, ConnectWithoutWaiting(guest, Public, 443));
        Assert.NotEqual(Errno.EACCES, ConnectWithoutWaiting(guest, Public, 80));
        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(guest, Public, 22));
    }

    [Theory]
    [InlineData("a.\e[2J\nshop-1 | forged")]
    [InlineData("a..b")]
    [InlineData("a b.example.com")]
    [InlineData("\"], privileged: [\"a.b")]
    [InlineData("caf\u00e9.example.com")]
    public void WhatCannotBeAName_IsNobodys_AndIsNotTold(string name)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        using var open = stack.Add("open", egress: ["*", "0.0.0.0/0"]).CreateNamespace();

        Assert.Equal(Errno.ENOENT, Resolve(guest, name, out _));
        Assert.Equal(Errno.ENOENT, Resolve(open, name, out _));

        Assert.Empty(stack.Resolver.Asked);
        Assert.Empty(stack.Observer.Events);
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(60, 5)]
    [InlineData(1, 10_000_000)]
    public void NameThatIsTooLong_IsNobodys(int label, int labels)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web", egress: ["*"]).CreateNamespace();

        Assert.Equal(Errno.ENOENT, Resolve(guest, string.Join('.', Enumerable.Repeat(new string('a', label), labels)), out _));

        Assert.Empty(stack.Resolver.Asked);
        Assert.Empty(stack.Observer.Events);
    }

    [Fact]
    public void ResolverThatRefusesAName_IsNoAnswer()
    {
        using var stack = new TestStack(new() { RefusesNames = true });
        using var guest = stack.Add("web", egress: ["*"]).CreateNamespace();

        Assert.Equal(Errno.EAGAIN, Resolve(guest, "api.example.com", out _));
    }

    [Fact]
    public void MappedAddress_IsWhatIsInIt()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web", egress: ["::ffff:192.0.2.7", "::ffff:10.0.0.0/104"]).CreateNamespace();

        Assert.NotEqual(Errno.EACCES, ConnectWithoutWaiting(guest, "192.0.2.7", 443));
        Assert.NotEqual(Errno.EACCES, ConnectWithoutWaiting(guest, "10.9.9.9", 443));
        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(guest, "192.0.2.8", 443));
    }

    [Theory]
    [InlineData("*.example.com", "api.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "badexample.com", false)]
    [InlineData("example.com", "EXAMPLE.com.", true)]
    [InlineData("example.com", "api.example.com", false)]
    [InlineData("*", "anything.org", true)]
    public void Names_MatchAsWritten(string rule, string name, bool allowed)
    {
        using var stack = new TestStack();
        stack.Resolver[name.TrimEnd('.')] = [Public];
        using var guest = stack.Add("web", egress: [rule]).CreateNamespace();

        Assert.Equal(allowed ? Errno.None : Errno.EACCES, Resolve(guest, name, out _));
    }

    [Fact]
    public void NamesOfTheOutside_AnswerWhatTheResolverSays()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web", egress: ["*.example.com"]).CreateNamespace();

        Assert.Equal(Errno.ENOENT, Resolve(guest, "nobody.example.com", out _));
        Assert.Equal(Errno.ENOENT, Resolve(guest, "dbb", out _));
        Assert.Empty(stack.Observer.Events);
    }

    [Fact]
    public void Everything_IsEveryPublicAddress_AlsoWithoutAName()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web", egress: ["*"]).CreateNamespace();
        using var secure = stack.Add("secure", egress: ["*:443"]).CreateNamespace();

        Assert.NotEqual(Errno.EACCES, ConnectWithoutWaiting(guest, Public, 53));
        Assert.NotEqual(Errno.EACCES, ConnectWithoutWaiting(secure, Public, 443));
        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(secure, Public, 53));
        Assert.Equal(Errno.EACCES, ConnectWithoutWaiting(guest, "10.1.2.3", 53));
    }

    [Fact]
    public void InternalNetwork_HasNoWayOut_WhateverTheServiceLists()
    {
        using var stack = new TestStack();
        Assert.True(Wasmrun.Network.Egress.EgressRule.TryParse("*", out var everything, out _));
        var db = stack.Network.AddService(new() { Name = "db", Networks = ["back"], Egress = [everything], EgressDenied = true });
        using var guest = db.CreateNamespace();

        Assert.Equal(Errno.EACCES, guest.Tcp().Connect(GuestSockets.At(Public, 443)));

        Assert.Equal(
            [$"db denied {Public}:443: the service has internal networks only; to allow it, put the service on one that is not internal, with egress: [\"{Public}:443\"]"],
            stack.Observer.Events);
    }

    [Fact]
    public async Task HostsLoopback_IsReachedByItsNameOnly_AndOnlyIfListed()
    {
        using var stack = new TestStack();
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var port = ((IPEndPoint)host.LocalEndpoint).Port;
        using var allowed = stack.Add("allowed", egress: [$"host.wasmrun.internal:{port}"]).CreateNamespace();
        using var denied = stack.Add("denied", egress: ["*", "0.0.0.0/0", "::/0"]).CreateNamespace();

        Assert.Equal(Errno.EACCES, denied.Tcp().Connect(denied.Resolve("host.wasmrun.internal", port)));
        Assert.Equal(Errno.ECONNREFUSED, denied.Tcp().Connect(GuestSockets.At("127.0.0.1", port)));

        var client = allowed.Tcp();
        Assert.Equal(Errno.None, client.Connect(allowed.Resolve("host.wasmrun.internal", port)));
        using var connection = await host.AcceptTcpClientAsync(Token);
        client.SendText("hello host");
        var buffer = new byte[16];
        Assert.Equal(10, await connection.GetStream().ReadAsync(buffer, Token));
        Assert.EndsWith($".0.1:{port}", client.Peer().ToString(), StringComparison.Ordinal);
        Assert.Equal(InetAddress.From(allowed.Service.Address), client.LocalEndPoint.Address);
    }

    [Fact]
    public async Task HostsLoopback_IsReachedByDatagramsToo()
    {
        using var stack = new TestStack();
        using var host = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)host.Client.LocalEndPoint!).Port;
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var client = guest.Udp(0);
        var gateway = guest.Resolve("host.wasmrun.internal", port);

        client.SendTextTo("question", gateway);
        var question = await host.ReceiveAsync(Token);
        using var stranger = new UdpClient(AddressFamily.InterNetwork);
        await stranger.SendAsync("not asked"u8.ToArray(), question.RemoteEndPoint, Token);
        await host.SendAsync("answer"u8.ToArray(), question.RemoteEndPoint, Token);

        Assert.Equal("question", Encoding.UTF8.GetString(question.Buffer));
        Assert.Equal(("answer", gateway), client.ReceiveTextFrom());
    }

    [Fact]
    public async Task ConnectedDatagramSocket_LearnsThatNobodyIsThere_AndHearsWhoComesLater()
    {
        using var stack = new TestStack();
        var host = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var endPoint = (IPEndPoint)host.Client.LocalEndPoint!;
        host.Dispose();
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var client = guest.Udp(0);
        Assert.Equal(Errno.None, client.Connect(guest.Resolve("host.wasmrun.internal", endPoint.Port)));

        client.SendText("anybody?");
        Assert.Equal(Errno.ECONNREFUSED, client.TryReceive(out _));
        client.SendText("anybody now?");
        Assert.Equal((Errno.ECONNREFUSED, Errno.None), (client.TakeError(), client.TakeError()));

        using var later = new UdpClient(endPoint);
        client.SendText("question");
        var question = await later.ReceiveAsync(Token);
        await later.SendAsync("answer"u8.ToArray(), question.RemoteEndPoint, Token);
        Assert.Equal("answer", client.ReceiveText());
    }

    [Fact]
    public async Task OutsideConnection_HidesTheHostsAddress_AndKeepsOptions()
    {
        using var stack = new TestStack();
        var address = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(candidate => candidate.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(candidate));
        Assert.SkipWhen(address is null, "this machine has no address but the loopback");
        using var server = new TcpListener(address!, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        var web = stack.Add("web", egress: [$"{address}:{port}"]);
        using var guest = web.CreateNamespace();
        var client = guest.Tcp();
        Assert.Equal(Errno.None, client.SetOption(SocketOption.NoDelay, 1));

        Assert.Equal(Errno.None, client.Connect(GuestSockets.At(address!.ToString(), port)));
        using var connection = await server.AcceptTcpClientAsync(Token);
        await connection.GetStream().WriteAsync("hi"u8.ToArray(), Token);

        Assert.Equal("hi", client.ReceiveText());
        Assert.Equal(GuestSockets.At(address.ToString(), port), client.Peer());
        Assert.Equal(InetAddress.From(web.Address), client.LocalEndPoint.Address);
        Assert.Equal(Errno.None, client.GetOption(SocketOption.NoDelay, out var noDelay));
        Assert.Equal(1, noDelay);
    }

    [Fact]
    public void RefusedOutside_IsAnErrorOfTheCall_AndOfThePollInTheOtherMode()
    {
        using var stack = new TestStack();
        using var reserved = TestStack.Forward(1);
        var port = reserved.HostPort;
        reserved.Dispose();
        using var guest = stack.Add("web", egress: ["host.wasmrun.internal"]).CreateNamespace();
        var target = guest.Resolve("host.wasmrun.internal", port);

        Assert.Equal(Errno.ECONNREFUSED, guest.Tcp().Connect(target));

        var client = guest.Tcp();
        client.NonBlocking = true;
        var error = client.Connect(target);
        if (error == Errno.EINPROGRESS)
        {
            using var set = new PollSet(guest.Stop);
            client.AddTo(set, PollEvents.Write);
            Assert.Equal(Errno.None, set.Wait(-1));
            error = client.TakeError();
        }

        Assert.Equal(Errno.ECONNREFUSED, error);
    }

    [Fact]
    public async Task Stop_EndsAResolutionThatIsNotAnswered()
    {
        var silence = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stack = new TestStack(new() { Silence = silence });
        using var guest = stack.Add("web", egress: ["*.example.com"]).CreateNamespace();
        var resolving = Task.Run(() => Resolve(guest, "slow.example.com", out _), Token);
        Assert.True(SpinWait.SpinUntil(() => stack.Resolver.Asked.Count == 1, Timeout.Infinite));

        guest.Stop.Request();

        await Assert.ThrowsAsync<GuestStoppedException>(() => resolving);
        silence.SetResult();
    }

    [Fact]
    public async Task SystemResolver_AnswersMoreAtOnceThanItHasThreads()
    {
        var resolver = new SystemNameResolver();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => resolver.ResolveAsync("192.0.2.1", Token)));

        Assert.All(answers, addresses => Assert.Equal([IPAddress.Parse("192.0.2.1")], addresses));
    }

    private static Errno Resolve(NetworkNamespace guest, string name, out string[] addresses)
    {
        var found = new InetAddress[8];
        var error = guest.Resolve(Encoding.UTF8.GetBytes(name), found, out var count);
        addresses = [.. found.Take(count).Select(address => address.ToString())];
        return error;
    }

    /// <summary>Tries to connect where no answer may ever come from: only whether it is let out matters.</summary>
    private static Errno ConnectWithoutWaiting(NetworkNamespace guest, string address, int port)
    {
        using var client = guest.Tcp();
        client.NonBlocking = true;
        return client.Connect(GuestSockets.At(address, port));
    }
}
