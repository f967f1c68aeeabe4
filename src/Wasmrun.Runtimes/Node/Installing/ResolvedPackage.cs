namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>A version that was chosen, and its place.</summary>
/// <param name="Path">As in a lock file, <c>node_modules/a/node_modules/b</c>.</param>
/// <param name="IsOptional">Nothing needs it that is not optional itself.</param>
internal sealed record ResolvedPackage(string Path, PackageVersion Version, bool IsOptional);
