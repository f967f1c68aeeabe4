using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>What is mounted where in the guest's file system.</summary>
public abstract record MountSpec(string Target, SourceLocation Location)
{
    /// <summary>A host file or folder.</summary>
    public sealed record Bind(string Source, string Target, bool ReadOnly, SourceLocation Location) : MountSpec(Target, Location);

    /// <summary>A named volume, kept by the runner between runs.</summary>
    public sealed record Named(string Volume, string Target, bool ReadOnly, SourceLocation Location) : MountSpec(Target, Location);

    /// <summary>A secret or a config of the stack, which is one file that cannot be written.</summary>
    public sealed record Granted(GrantKind Kind, string Name, GrantSource Source, string Target, SourceLocation Location) : MountSpec(Target, Location);

    /// <summary>An empty folder that ends with the instance.</summary>
    /// <param name="MaxBytes">How much it may hold in all; null where the manifest does not say.</param>
    public sealed record Temporary(string Target, SourceLocation Location, long? MaxBytes = null) : MountSpec(Target, Location);
}
