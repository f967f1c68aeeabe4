using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>A named volume of the stack.</summary>
public sealed record VolumeSpec(string Name, SourceLocation? Location);
