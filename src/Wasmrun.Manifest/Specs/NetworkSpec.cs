using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>A network of the stack.</summary>
/// <param name="Internal">No egress from its services, even if a service lists it.</param>
public sealed record NetworkSpec(string Name, bool Internal, SourceLocation? Location);
