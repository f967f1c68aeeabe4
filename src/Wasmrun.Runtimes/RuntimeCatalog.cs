using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Keeping;

namespace Wasmrun.Runtimes;

/// <summary>The language runtimes that this version of the program knows, and the cache that they are kept in.</summary>
public sealed class RuntimeCatalog(RuntimeOptions options)
{
    /// <summary>The names of the runtimes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. RuntimeLock.All.Keys];

    /// <summary>Every package of every runtime.</summary>
    public IReadOnlyList<RuntimeStatus> List()
    {
        var uses = new PackageUses(options.UsesFolder);
        return
        [
            .. from runtime in RuntimeLock.All
               from package in runtime.Value
               let key = PackageStore.KeyOf(package)
               let folder = new DirectoryInfo(Path.Combine(options.PackageFolder, key))
               select new RuntimeStatus(
                   runtime.Key, package.Name, package.Version, folder.Exists ? FolderSize.Of(folder) : null, folder.Exists ? uses.LastUse(key) : null),
        ];
    }

    /// <summary>Fetches the packages of some runtimes that are not here yet.</summary>
    /// <param name="folder">Where <c>.npmrc</c> is looked for beside the user's.</param>
    /// <returns>The packages that were fetched, by name and version.</returns>
    /// <exception cref="PackageFetchException">One cannot be had.</exception>
    public async Task<IReadOnlyList<string>> PullAsync(IReadOnlyList<string> runtimes, string folder, CancellationToken token)
    {
        var fetched = new List<string>();
        foreach (var package in runtimes.SelectMany(runtime => RuntimeLock.All[runtime]))
        {
            if (!Directory.Exists(Path.Combine(options.PackageFolder, PackageStore.KeyOf(package))))
            {
                await RuntimePackages.GetAsync(package, options, folder, token);
                fetched.Add(package.ToString());
            }
        }

        return fetched;
    }

    /// <summary>Removes what this version has no use for and projects have not used for long; or everything that no process uses now.</summary>
    /// <exception cref="IOException">Something cannot be removed.</exception>
    public PruneReport Prune(bool all) => new CachePruner(options, all).Run();
}
