using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>One entry of <c>depends_on</c>.</summary>
public sealed record DependencySpec(
    string Service, DependencyCondition Condition, bool Required, bool Restart, SourceLocation Location);
