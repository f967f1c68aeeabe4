using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Loading;

/// <summary>What came of a load: the stack, unless there are errors, and everything there is to say about it.</summary>
/// <param name="Stack">The active services with their networks and volumes; null when any diagnostic is an error.</param>
/// <param name="Diagnostics">Sorted by file, in the order the files were read, then by place.</param>
/// <param name="Profiles">Every profile that the manifest names, active or not, sorted.</param>
public sealed record ManifestResult(
    StackSpec? Stack, IReadOnlyList<Diagnostic> Diagnostics, SourceTexts Sources, IReadOnlyList<string> Profiles);
