using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>Which packages of a lock file a guest gets, and which not.</summary>
/// <param name="Packages">Those that are fetched and laid out.</param>
/// <param name="Links">Those that are folders of the project itself.</param>
internal sealed record InstallPlan(IReadOnlyList<LockEntry> Packages, IReadOnlyList<LockEntry> Links)
{
    /// <summary>Leaves out what is for developing only, what comes in other archives, and what is optional and for other machines.</summary>
    /// <param name="path">Names the lock file in messages.</param>
    /// <exception cref="ModuleLoadException">Something that is needed cannot be installed; the message names it.</exception>
    public static InstallPlan Make(PackageLock packageLock, string path)
    {
        var left = packageLock.Entries.Where(entry => entry.IsDevelopment || (entry.IsOptional && GuestPlatform.Problem(entry) is not null)).ToList();
        var kept = packageLock.Entries.Where(entry => !entry.IsBundled && !left.Contains(entry) && !left.Any(entry.IsBelow)).ToList();
        foreach (var entry in kept.Where(entry => entry.LinkTarget is null))
        {
            if (GuestPlatform.Problem(entry) is { } platform)
            {
                throw new ModuleLoadException(
                    $"the package {entry.Package} of {path} is made for {platform} alone, and a guest is {GuestPlatform.System} on {GuestPlatform.Processor}; look for one that is written in JavaScript");
            }

            Check(entry, path);
        }

        return new([.. kept.Where(entry => entry.LinkTarget is null)], [.. kept.Where(entry => entry.LinkTarget is not null)]);
    }

    private static void Check(LockEntry entry, string path)
    {
        if (entry.Source is not { } source || entry.Package.Address?.Scheme is "http" or "https")
        {
            return;
        }

        var scheme = source.Split(':')[0];

        var kind = scheme.StartsWith("git", StringComparison.Ordinal) ? "a git repository" : scheme == "file" ? "a file" : $"'{scheme}'";
        throw new ModuleLoadException(
            $"the package '{entry.InstalledName}' of {path} comes from {kind}, {source}, and only packages of a registry are installed; run 'npm ci' on a machine with npm, and the node_modules folder is used");
    }
}
