using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>A named volume of the stack.</summary>
public sealed record VolumeSpec(string Name, SourceLocation? Location)
{
    /// <summary>Never mounted by two instances at once, so who mounts it is replaced stop-first.</summary>
    public bool Exclusive { get; init; }
}
