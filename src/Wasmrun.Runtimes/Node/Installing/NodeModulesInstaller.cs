using System.Globalization;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Fetching;
using Wasmrun.Runtimes.Packages.Keeping;
using Wasmrun.Runtimes.Packages.Settings;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>
/// Gets the packages of a project that has no <c>node_modules</c>, as its lock file says, and mounts them into the guest. The project's own
/// folder is left as it is.
/// </summary>
internal sealed class NodeModulesInstaller(RuntimeOptions options)
{
    private const string Modules = "node_modules";
    private const int Parallel = 12;
    private static readonly string[] _lockNames = ["npm-shrinkwrap.json", "package-lock.json"];

    /// <summary>What the guest is to see beside the project's folder; nothing when the project has its packages, or needs none.</summary>
    /// <exception cref="ModuleLoadException">The lock file cannot be used.</exception>
    /// <exception cref="PackageFetchException">A package cannot be had.</exception>
    public async Task<IReadOnlyList<GuestMount>> InstallAsync(string project, CancellationToken token)
    {
        if (Directory.Exists(Path.Combine(project, Modules)) || PackageManifest.ReadFrom(project) is not { } manifest)
        {
            return [];
        }

        var (path, written) = ReadLock(project);
        if (written is null && manifest is { NeedsNothing: true, HasWorkspaces: false })
        {
            return [];
        }

        using var registry = new RegistryClient(NpmSettings.Load(options.Environment, project), options.Fetching ?? new(options.Time));
        var packageLock = written is null
            ? await new RangeLock(options, registry).GetAsync(project, manifest, token)
            : PackageLock.Parse(written, path);
        CheckThatItKnows(packageLock, manifest, path);
        var plan = InstallPlan.Make(packageLock, path);
        var tree = new ModuleTree(options.ModuleFolder, plan);
        if (!tree.IsThere && plan.Packages.Count > 0)
        {
            await FillAsync(tree, plan, project, registry, token);
        }

        return [.. Mounts(tree, plan), .. ModuleLinks.Mounts(project, tree.Folder, plan, path)];
    }

    /// <summary>The lock file that counts and its text; where the runner keeps its own when the project has none.</summary>
    private static (string Path, string? Text) ReadLock(string project)
    {
        foreach (var name in _lockNames)
        {
            if (ProjectJson.Read(project, name) is { } text)
            {
                return (Path.Combine(project, name), text);
            }
        }

        return (RangeLock.PathIn(project), null);
    }

    private async Task FillAsync(ModuleTree tree, InstallPlan plan, string project, RegistryClient registry, CancellationToken token)
    {
        var started = options.Time.GetTimestamp();
        options.Tell(string.Create(CultureInfo.InvariantCulture, $"installing {Count(plan.Packages.Count)} for '{project}'"));
        var store = new PackageStore(options.PackageFolder, registry, static _ => { });
        var packages = plan.Packages.Select(entry => entry.Package).DistinctBy(PackageStore.KeyOf, StringComparer.Ordinal);
        var places = new System.Collections.Concurrent.ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await System.Threading.Tasks.Parallel.ForEachAsync(
            packages,
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = token },
            async (package, token) => places[PackageStore.KeyOf(package)] = await store.GetAsync(package, token));
        try
        {
            tree.Make(places, token);
        }
        catch (IOException e) when (DiskProblem.IsFull(e))
        {
            throw DiskProblem.Full("the packages", options.ModuleFolder, needed: null, e);
        }

        options.Tell(string.Create(
            CultureInfo.InvariantCulture, $"installed {Count(plan.Packages.Count)} in {options.Time.GetElapsedTime(started).TotalSeconds:0.0} s"));
        var scripts = plan.Packages.Where(entry => entry.HasInstallScript).Select(entry => entry.InstalledName).Distinct(StringComparer.Ordinal).ToList();
        if (scripts.Count > 0)
        {
            options.Tell($"the install scripts of {string.Join(", ", scripts)} were not run; what they would have built is not there");
        }
    }

    private IEnumerable<GuestMount> Mounts(ModuleTree tree, InstallPlan plan)
    {
        if (plan.Packages.Count == 0)
        {
            yield break;
        }

        new PackageUses(options.UsesFolder).Mark(tree.Key, options.Time);
        foreach (var root in plan.Packages.Select(entry => entry.Root).Distinct(StringComparer.Ordinal))
        {
            yield return new GuestMount.Host(
                string.Join('/', ((string[])[ProjectMount.GuestPath, root, Modules]).Where(part => part.Length > 0)),
                Path.Combine(tree.Folder, root, Modules),
                ReadOnly: true);
        }
    }

    private static void CheckThatItKnows(PackageLock packageLock, PackageManifest manifest, string path)
    {
        var unknown = manifest.Dependencies.Keys.FirstOrDefault(name => packageLock.Entries.All(entry => entry.Path != $"{Modules}/{name}"));
        if (unknown is not null)
        {
            throw new ModuleLoadException($"{path} does not have the dependency '{unknown}' of package.json; run 'npm install --package-lock-only' to write it anew");
        }
    }

    private static string Count(int packages) => packages == 1 ? "1 package" : string.Create(CultureInfo.InvariantCulture, $"{packages} packages");
}
