namespace Wasmrun.Runtimes.Packages;

/// <summary>Gets the packages of a runtime for whoever prepares a project.</summary>
internal static class RuntimePackages
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    /// <summary>The folder of a package, which is fetched if it is not there.</summary>
    /// <exception cref="PackageFetchException">It cannot be had.</exception>
    public static async Task<string> GetAsync(LockedPackage package, RuntimeOptions options, CancellationToken token)
    {
        using var client = new HttpClient { Timeout = _patience };
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var registry = NpmSettings.FindRegistry(options.Environment, home);
        var store = new PackageStore(options.PackageFolder, registry, client);
        if (!store.Has(package))
        {
            options.Tell($"fetching {package.Name} {package.Version} from {registry.Host}");
        }

        return await store.GetAsync(package, token);
    }
}
