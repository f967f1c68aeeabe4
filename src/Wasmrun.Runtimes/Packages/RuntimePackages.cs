using Wasmrun.Runtimes.Packages.Fetching;
using Wasmrun.Runtimes.Packages.Keeping;
using Wasmrun.Runtimes.Packages.Settings;

namespace Wasmrun.Runtimes.Packages;

/// <summary>Gets the packages of a runtime for whoever prepares a project.</summary>
internal static class RuntimePackages
{
    /// <summary>The folder of a package, which is fetched if it is not there. With a filled cache, no network and no settings are needed.</summary>
    /// <param name="projectFolder">Its <c>.npmrc</c> counts too; null when there is no project.</param>
    /// <exception cref="PackageFetchException">It cannot be had.</exception>
    public static async Task<string> GetAsync(LockedPackage package, RuntimeOptions options, string? projectFolder, CancellationToken token)
    {
        PrivateFolder.Make(options.Folder);
        var uses = new PackageUses(options.UsesFolder);
        var place = Path.Combine(options.PackageFolder, PackageStore.KeyOf(package));
        if (!Directory.Exists(place))
        {
            using var registry = new RegistryClient(NpmSettings.Load(options.Environment, projectFolder), options.Fetching ?? new(options.Time));
            await new PackageStore(options.PackageFolder, registry, options.Report).GetAsync(package, token);
        }

        uses.Mark(PackageStore.KeyOf(package), options.Time);
        return place;
    }
}
