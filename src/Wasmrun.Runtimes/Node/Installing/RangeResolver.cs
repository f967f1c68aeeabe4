using Wasmrun.Runtimes.Packages;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>
/// Chooses versions for the ranges of a project and of everything it needs, and places for them: as near to the project as no other version
/// is in the way, so that one version serves all who allow it.
/// </summary>
internal sealed class RangeResolver(RegistryVersions registry, Action<string> tell)
{
    private const int MaxPackages = 5000;
    private const string Folder = "node_modules/";

    private readonly Dictionary<string, ResolvedPackage> _placed = new(StringComparer.Ordinal);
    private readonly Queue<Wish> _wishes = new();

    /// <summary>Everything that is to be installed, sorted by place.</summary>
    /// <exception cref="ModuleLoadException">A dependency is not to be had from a registry.</exception>
    /// <exception cref="PackageFetchException">The registry does not answer, or has no such version.</exception>
    public async Task<IReadOnlyList<ResolvedPackage>> ResolveAsync(PackageManifest project, CancellationToken token)
    {
        Ask(string.Empty, project, isOptional: false, bundled: []);
        while (_wishes.TryDequeue(out var wish))
        {
            token.ThrowIfCancellationRequested();
            await FulfilAsync(wish);
        }

        return [.. _placed.Values.OrderBy(package => package.Path, StringComparer.Ordinal)];
    }

    private void Ask(string path, PackageManifest manifest, bool isOptional, IReadOnlyList<string> bundled)
    {
        foreach (var (name, range) in manifest.Dependencies.Where(entry => !bundled.Contains(entry.Key)).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Enqueue(new(path, name, range, isOptional, IsPeer: false));
        }

        foreach (var (name, range) in manifest.OptionalDependencies.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Enqueue(new(path, name, range, IsOptional: true, IsPeer: false));
        }

        // Peers are looked for beside the package, not below it.
        var beside = path.Length == 0 ? path : ParentOf(path);
        foreach (var (name, range) in manifest.PeerDependencies.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Enqueue(new(beside, name, range, isOptional, IsPeer: true));
        }
    }

    private void Enqueue(Wish wish)
    {
        registry.Expect(Meaning(wish).Name);
        _wishes.Enqueue(wish);
    }

    private async Task FulfilAsync(Wish wish)
    {
        var (name, range) = Meaning(wish);
        var visible = Visible(wish.From, wish.Name);
        if (visible is not null && visible.Version.Name == name && (VersionRange.Parse(range) is null || VersionRange.Allows(range, visible.Version.Version)))
        {
            Need(visible, wish.IsOptional);
            return;
        }

        if (visible is not null && wish.IsPeer)
        {
            tell($"{wish.From[(wish.From.LastIndexOf(Folder, StringComparison.Ordinal) + 1)..]} wants {wish.Name} {wish.Range} beside it, and finds {visible.Version.Version}".TrimStart());
            return;
        }

        PackageVersion version;
        try
        {
            version = await registry.FindAsync(name, range);
        }
        catch (PackageFetchException e) when (wish.IsOptional && !e.IsPassing)
        {
            tell($"left out the optional {wish.Name}: {e.Message}");
            return;
        }

        var parent = visible is null ? string.Empty : wish.From;
        var path = parent.Length == 0 ? Folder + wish.Name : $"{parent}/{Folder}{wish.Name}";
        if (_placed.TryGetValue(path, out var taken))
        {
            tell($"package.json asks for {wish.Name} {wish.Range} and gets {taken.Version.Version}, which another of its dependencies needs beside itself");
            return;
        }

        if (_placed.Count >= MaxPackages)
        {
            throw new ModuleLoadException($"the project needs more than {MaxPackages} packages; let npm write its package-lock.json");
        }

        _placed[path] = new(path, version, wish.IsOptional);
        Ask(path, version.Manifest, wish.IsOptional, version.Manifest.Bundled);
    }

    /// <summary>What was optional so far and is needed now, with all that it needs itself.</summary>
    private void Need(ResolvedPackage package, bool isOptional)
    {
        if (package.IsOptional && !isOptional)
        {
            _placed[package.Path] = package with { IsOptional = false };
            Ask(package.Path, package.Version.Manifest, isOptional: false, package.Version.Manifest.Bundled);
        }
    }

    /// <summary>The package of that name that a module at a place finds.</summary>
    private ResolvedPackage? Visible(string from, string name)
    {
        for (var at = from; ; at = ParentOf(at))
        {
            if (_placed.GetValueOrDefault(at.Length == 0 ? Folder + name : $"{at}/{Folder}{name}") is { } found)
            {
                return found;
            }

            if (at.Length == 0)
            {
                return null;
            }
        }
    }

    private static string ParentOf(string path)
    {
        var cut = path.LastIndexOf(Folder, StringComparison.Ordinal);
        return cut <= 0 ? string.Empty : path[..(cut - 1)];
    }

    private static (string Name, string Range) Meaning(Wish wish)
    {
        if (wish.Range.StartsWith("npm:", StringComparison.Ordinal))
        {
            var alias = wish.Range["npm:".Length..];
            var at = alias.LastIndexOf('@');
            return at > 0 ? (alias[..at], alias[(at + 1)..]) : (alias, "*");
        }

        return wish.Range.AsSpan().ContainsAny(':', '/')
            ? throw new ModuleLoadException(
                $"the dependency '{wish.Name}' is '{wish.Range}', which is not a version of a registry; run 'npm ci' on a machine with npm, and the node_modules folder is used")
            : (wish.Name, wish.Range);
    }

    private sealed record Wish(string From, string Name, string Range, bool IsOptional, bool IsPeer);
}
