using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Fetching;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>
/// Stands in for the lock file of a project that has none: finds versions for the ranges in <c>package.json</c>, and keeps what it has found in
/// <c>.wasmrun/package-lock.json</c>, so that the project stays the same until its dependencies change.
/// </summary>
internal sealed class RangeLock(RuntimeOptions options, RegistryClient registry)
{
    private const string Name = ".wasmrun/package-lock.json";

    /// <summary>Where the versions of a project are kept.</summary>
    public static string PathIn(string project) => Path.Combine(project, Name);

    /// <summary>What was kept, if it is for these dependencies, or else what the registry has now.</summary>
    /// <exception cref="ModuleLoadException">A dependency is not to be had from a registry.</exception>
    /// <exception cref="PackageFetchException">The registry does not answer, or has no such version.</exception>
    public async Task<PackageLock> GetAsync(string project, PackageManifest manifest, CancellationToken token)
    {
        var path = PathIn(project);
        if (manifest.HasWorkspaces)
        {
            throw new ModuleLoadException($"the project '{project}' has workspaces and no package-lock.json; 'npm install --package-lock-only' writes it");
        }

        if (ProjectJson.Read(project, Name) is { } text && PackageLock.Parse(text, path) is var known && IsFor(known.Asked, manifest))
        {
            return known;
        }

        options.Tell($"the project '{project}' has no package-lock.json; finding the newest versions that its package.json allows, and keeping them in {path}");
        var content = LockWriter.Write(manifest, await new RangeResolver(new RegistryVersions(registry, token), options.Tell).ResolveAsync(manifest, token));
        Keep(project, content);
        return PackageLock.Parse(content, path);
    }

    private static bool IsFor(PackageManifest known, PackageManifest asked) =>
        Same(known.Dependencies, asked.Dependencies)
        && Same(known.OptionalDependencies, asked.OptionalDependencies)
        && Same(known.PeerDependencies, asked.PeerDependencies);

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(entry => other.TryGetValue(entry.Key, out var range) && range == entry.Value);

    private void Keep(string project, string content)
    {
        try
        {
            using var folder = new ConfinedFolder(project);
            folder.WriteText(Name, content);
        }
        catch (IOException e)
        {
            options.Tell($"the versions cannot be kept in {PathIn(project)} ({e.Message}); the next start may find others");
        }
    }
}
