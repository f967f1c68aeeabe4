using Wasmrun.Network.Egress;

namespace Wasmrun.Network;

/// <summary>What a stack's network needs to know from outside.</summary>
public sealed record StackNetworkOptions
{
    /// <summary>The stack's name, from which its virtual addresses follow.</summary>
    public required string Name { get; init; }

    /// <summary>A folder that only the user can enter, for the sockets between services; several runs may share it.</summary>
    public required string RuntimeDirectory { get; init; }

    /// <summary>What resolves the names of the outside.</summary>
    internal INameResolver Resolver { get; init; } = new SystemNameResolver();
}
