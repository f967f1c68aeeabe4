using System.Net;
using System.Net.Sockets;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Tests.Network;

public sealed class HostPortReservationTests
{
    private static readonly IPAddress[] _localhost = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    [Fact]
    public void TakenPort_IsAConflictThatNamesTheHolderAndAFreePort()
    {
        var port = FreePort();
        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();

        var result = HostPortReservation.TryReserve([Request("web", port)]);

        Assert.Empty(result.Forwards);
        var conflict = Assert.Single(result.Conflicts);
        Assert.Equal("web", conflict.Request.Owner);
        Assert.Equal(IPAddress.Loopback, conflict.Address);
        Assert.Equal(Errno.EADDRINUSE, conflict.Error);
        Assert.Equal(Environment.ProcessId, conflict.Holder?.Pid);
        Assert.Equal(Path.GetFileName(Environment.ProcessPath), conflict.Holder?.Program);
        Assert.NotNull(conflict.FreeAlternative);
        Assert.InRange(conflict.FreeAlternative.Value, port + 1, 65535);
        Release(HostPortReservation.TryReserve([Request("web", conflict.FreeAlternative.Value)]), expected: 1);
    }

    [Fact]
    public void Conflict_LeavesNothingBound()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var free = FreePort();

        var result = HostPortReservation.TryReserve([Request("web", free), Request("api", ((IPEndPoint)other.LocalEndpoint).Port)]);

        Assert.Equal(["api"], result.Conflicts.Select(conflict => conflict.Request.Owner), StringComparer.Ordinal);
        Release(HostPortReservation.TryReserve([Request("web", free)]), expected: 1);
    }

    [Fact]
    public void AllConflicts_AreToldInTheOrderOfTheRequests()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var two = new TcpListener(IPAddress.IPv6Loopback, 0);
        one.Start();
        two.Start();

        var result = HostPortReservation.TryReserve(
        [
            Request("a", ((IPEndPoint)two.LocalEndpoint).Port),
            Request("b", 0),
            Request("c", ((IPEndPoint)one.LocalEndpoint).Port),
        ]);

        Assert.Equal(["a", "c"], result.Conflicts.Select(conflict => conflict.Request.Owner), StringComparer.Ordinal);
        Assert.Equal([IPAddress.IPv6Loopback, IPAddress.Loopback], result.Conflicts.Select(conflict => conflict.Address));
    }

    [Fact]
    public void SamePortTwiceInOneList_IsAConflictHeldByTheOtherOwner()
    {
        var port = FreePort();

        var result = HostPortReservation.TryReserve([Request("web", port), Request("api", port, IPAddress.Any)]);

        var conflict = Assert.Single(result.Conflicts);
        Assert.Equal("api", conflict.Request.Owner);
        Assert.Equal("web", conflict.Holder?.Owner);
        Assert.Equal(Environment.ProcessId, conflict.Holder?.Pid);
    }

    [Fact]
    public void SamePortOfTwoProtocols_IsNoConflict()
    {
        var port = FreePort();

        Release(HostPortReservation.TryReserve([Request("dns", port), Request("dns", port) with { Protocol = ForwardProtocol.Udp }]), expected: 2);
    }

    [Fact]
    public void AutomaticPort_IsTheFirstFreeCandidate()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var free = FreePort();

        var result = HostPortReservation.TryReserve(
            [Request("web", 0) with { Alternatives = [((IPEndPoint)other.LocalEndpoint).Port, free] }]);

        Assert.Equal(free, Assert.Single(result.Forwards).HostPort);
        Release(result, expected: 1);
    }

    [Fact]
    public void AutomaticPort_GivesWayToAFixedOneThatIsListedLater()
    {
        var port = FreePort();

        var result = HostPortReservation.TryReserve([Request("any", 0) with { Alternatives = [port] }, Request("fixed", port)]);

        Assert.Empty(result.Conflicts);
        Assert.Equal("any", result.Forwards[0].Owner);
        Assert.NotEqual(port, result.Forwards[0].HostPort);
        Assert.Equal(port, result.Forwards[1].HostPort);
        Release(result, expected: 2);
    }

    [Fact]
    public void AutomaticPort_IsTheSameOnAllAddresses()
    {
        var result = HostPortReservation.TryReserve([Request("web", 0), Request("api", 0)]);

        Assert.All(result.Forwards, forward => Assert.All(forward.EndPoints, endPoint => Assert.Equal(forward.HostPort, endPoint.Port)));
        Release(result, expected: 2);
    }

    [Fact]
    public async Task ReservedPort_CanBeTakenAgain_RightAfterItHadConnections()
    {
        var port = FreePort();
        var first = HostPortReservation.TryReserve([Request("web", port)]);
        using (var client = await HostClient.ConnectAsync(port))
        {
            using var stack = new TestStack();
            var web = stack.Add("web");
            web.SetForwards(first.Forwards);
            using var guest = web.CreateNamespace();

            // The server closes first, so it is its side that is left in TIME_WAIT.
            guest.Listen(3000).AcceptOne().Dispose();
            Assert.Equal("", await client.ReceiveAsync());
        }

        Release(HostPortReservation.TryReserve([Request("web", port)]), expected: 1);
    }

    [Fact]
    public void AddressThatTheHostDoesNotHave_IsToldAsSuch()
    {
        var result = HostPortReservation.TryReserve([Request("web", FreePort(), IPAddress.Parse("192.0.2.1"))]);

        var conflict = Assert.Single(result.Conflicts);
        Assert.Equal((Errno.EADDRNOTAVAIL, null, null), (conflict.Error, conflict.Holder, conflict.FreeAlternative));
    }

    private static HostPortRequest Request(string owner, int port, params IPAddress[] addresses) =>
        new(owner, addresses.Length > 0 ? addresses : _localhost, port, [], 3000, ForwardProtocol.Tcp);

    /// <summary>A port that is free on both loopback addresses, and none of those that the system gives to whoever asks for any.</summary>
    private static int FreePort()
    {
        while (true)
        {
            if (HostPortReservation.TryReserve([Request("probe", Random.Shared.Next(20_000, 32_000))]).Forwards is [var forward])
            {
                forward.Dispose();
                return forward.HostPort;
            }
        }
    }

    private static void Release(ReservationResult result, int expected)
    {
        Assert.Empty(result.Conflicts);
        Assert.Equal(expected, result.Forwards.Count);
        foreach (var forward in result.Forwards)
        {
            forward.Dispose();
        }
    }
}
