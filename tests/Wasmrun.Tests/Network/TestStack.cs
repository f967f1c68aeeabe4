using System.Net;
using Microsoft.Extensions.Time.Testing;
using Wasmrun.Network;
using Wasmrun.Network.Egress;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Tests.Network;

/// <summary>A stack's network in a folder of its own, with a clock that stands still until the test moves it.</summary>
internal sealed class TestStack : IDisposable
{
    private static readonly IPAddress[] _localhost = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wasmrun-test-");

    public TestStack(FakeNameResolver? resolver = null)
    {
        Resolver = resolver ?? new();
        Network = new(new() { Name = "shop", RuntimeDirectory = _folder.FullName, Resolver = Resolver }, Observer, Time);
    }

    public FakeNameResolver Resolver { get; }

    public StackNetwork Network { get; }

    public RecordingObserver Observer { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public string Folder => _folder.FullName;

    public ServiceNetwork Add(string name, string[]? networks = null, TimeSpan? hold = null, string[]? egress = null, string[]? aliases = null) =>
        Network.AddService(new()
        {
            Name = name,
            Networks = networks ?? [ServiceNetworkOptions.DefaultNetwork],
            Hold = hold ?? TimeSpan.FromSeconds(10),
            Aliases = [.. (aliases ?? []).Select(alias => new NetworkAlias(networks?[0] ?? ServiceNetworkOptions.DefaultNetwork, alias))],
            Egress = [.. (egress ?? []).Select(Rule)],
        });

    /// <summary>Reserves a forward on a port that the system chooses.</summary>
    public static BoundForward Forward(int guestPort, ForwardProtocol protocol = ForwardProtocol.Tcp)
    {
        var result = HostPortReservation.TryReserve([new("test", _localhost, 0, [], guestPort, protocol)]);
        Assert.Empty(result.Conflicts);
        return result.Forwards[0];
    }

    public void Dispose()
    {
        Network.Dispose();
        _folder.Delete(recursive: true);
    }

    private static EgressRule Rule(string text)
    {
        Assert.True(EgressRule.TryParse(text, out var rule, out var problem), problem);
        return rule;
    }
}
