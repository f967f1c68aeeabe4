namespace Wasmrun.Manifest.Specs;

/// <summary>What a service is granted to read.</summary>
public enum GrantKind
{
    /// <summary>Under <c>/run/secrets</c> unless a target is written; never printed.</summary>
    Secret,

    /// <summary>At the root unless a target is written.</summary>
    Config,
}
