using Wasmrun.Manifest.Interpolation;

namespace Wasmrun.Manifest.Composition;

/// <summary>Manifests that merge into one tree, with the folder and the variables they share.</summary>
/// <param name="Files">In the order they merge.</param>
internal sealed record ManifestFileSet(IReadOnlyList<ManifestFile> Files, string BaseDirectory, VariableScope Scope);

/// <summary>One manifest to read.</summary>
/// <param name="Path">Absolute, or null for standard input.</param>
/// <param name="Name">The file as diagnostics call it.</param>
internal sealed record ManifestFile(string? Path, string Name);
