using Wasmrun.Cli.Rendering;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class ReachabilityTests
{
    [Theory]
    [InlineData("127.0.0.1", 8080, 3000, "tcp", "http://localhost:8080 -> 3000", "localhost:8080->3000/tcp")]
    [InlineData("::1", 49152, 8080, "tcp", "http://[::1]:49152 -> 8080", "[::1]:49152->8080/tcp")]
    [InlineData("::", 8080, 3000, "tcp", "http://[::1]:8080 -> 3000 (all IPv6 addresses of this machine)", "[::]:8080->3000/tcp")]
    [InlineData("127.0.0.1", 6380, 8080, "tcp", "localhost:6380 -> 8080", "localhost:6380->8080/tcp")]
    [InlineData("127.0.0.1", 15432, 5432, "tcp", "localhost:15432 -> 5432", "localhost:15432->5432/tcp")]
    [InlineData("127.0.0.1", 7777, 7777, "tcp", "localhost:7777 -> 7777", "localhost:7777->7777/tcp")]
    [InlineData("127.0.0.1", 8080, 8080, "udp", "localhost:8080/udp -> 8080", "localhost:8080->8080/udp")]
    [InlineData("0.0.0.0", 8080, 3000, "tcp", "http://localhost:8080 -> 3000 (all addresses of this machine)", "0.0.0.0:8080->3000/tcp")]
    [InlineData("192.168.1.7", 8080, 3000, "tcp", "http://192.168.1.7:8080 -> 3000", "192.168.1.7:8080->3000/tcp")]
    [InlineData("fd00::7", 8080, 3000, "tcp", "http://[fd00::7]:8080 -> 3000", "[fd00::7]:8080->3000/tcp")]
    public void Place_IsSaidForPeopleAndForTheTable(string address, int hostPort, int guestPort, string protocol, string people, string table)
    {
        var place = Assert.Single(Reachability.Of([new Publisher(address, guestPort, hostPort, protocol)]));
        Assert.Equal(people, place.ForPeople());
        Assert.Equal(table, place.ForTable());
    }

    [Fact]
    public void BothLoopbackAddresses_AreOnePlace() =>
        Assert.Single(Reachability.Of([new Publisher("127.0.0.1", 3000, 8080, "tcp"), new Publisher("::1", 3000, 8080, "tcp")]));

    [Fact]
    public void DifferentForwards_StayApart() =>
        Assert.Equal(
            ["localhost:8080->3000/tcp", "10.0.0.1:8081->3000/tcp", "[::1]:8081->3000/tcp", "localhost:53->3001/udp"],
            Reachability.Of(
            [
                new Publisher("127.0.0.1", 3001, 53, "udp"),
                new Publisher("127.0.0.1", 3000, 8080, "tcp"),
                new Publisher("10.0.0.1", 3000, 8081, "tcp"),
                new Publisher("::1", 3000, 8081, "tcp"),
            ]).Select(place => place.ForTable()));
}
