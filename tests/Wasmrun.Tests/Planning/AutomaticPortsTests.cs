using CsCheck;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Ports;

namespace Wasmrun.Tests.Planning;

public sealed class AutomaticPortsTests
{
    [Fact]
    public void Candidates_AreDifferentPortsBelowTheEphemeralRange() =>
        Gen.Select(Gen.String, Gen.String, Gen.Int[1, 65535]).Sample((project, service, port) =>
        {
            var candidates = AutomaticPorts.Candidates(project, service, port, TransportProtocol.Tcp);
            return candidates.Count == AutomaticPorts.Count
                && candidates.Distinct().Count() == AutomaticPorts.Count
                && candidates.All(candidate => candidate is >= AutomaticPorts.First and <= AutomaticPorts.Last);
        });

    [Fact]
    public void Candidates_StayTheSameFromReleaseToRelease() => Assert.Equal(
        [21448, 26825, 20202],
        AutomaticPorts.Candidates("shop", "web", 3000, TransportProtocol.Tcp).Take(3));

    [Fact]
    public void Candidates_DifferByEveryPartOfTheName()
    {
        int[] first =
        [
            AutomaticPorts.Candidates("shop", "web", 3000, TransportProtocol.Tcp)[0],
            AutomaticPorts.Candidates("shop2", "web", 3000, TransportProtocol.Tcp)[0],
            AutomaticPorts.Candidates("shop", "api", 3000, TransportProtocol.Tcp)[0],
            AutomaticPorts.Candidates("shop", "web", 3001, TransportProtocol.Tcp)[0],
            AutomaticPorts.Candidates("shop", "web", 3000, TransportProtocol.Udp)[0],
        ];

        Assert.Equal(first.Length, first.Distinct().Count());
    }
}
