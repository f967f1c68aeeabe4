using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Parsing;

/// <summary>What became of one written forward: the forwards it stands for, or the diagnostics that say why there are none.</summary>
public sealed record ForwardParseResult(IReadOnlyList<ForwardSpec> Forwards, IReadOnlyList<Diagnostic> Diagnostics);
