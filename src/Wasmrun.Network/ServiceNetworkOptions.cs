using Wasmrun.Network.Egress;

namespace Wasmrun.Network;

/// <summary>What the manifest says about one service's network.</summary>
public sealed record ServiceNetworkOptions
{
    /// <summary>The network that services share when none is named.</summary>
    public const string DefaultNetwork = "default";

    public required string Name { get; init; }

    /// <summary>Further names under which the services of a common network find it.</summary>
    public IReadOnlyList<NetworkAlias> Aliases { get; init; } = [];

    /// <summary>Only services with a network in common see each other.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [DefaultNetwork];

    /// <summary>What the service may reach outside the stack; nothing unless listed.</summary>
    public IReadOnlyList<EgressRule> Egress { get; init; } = [];

    /// <summary>Set for services on internal networks only: nothing is reachable outside, whatever <see cref="Egress"/> lists.</summary>
    public bool EgressDenied { get; init; }

    /// <summary>How long clients wait while nobody listens; zero closes them at once.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);
}
