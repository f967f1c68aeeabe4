using Wasmrun.Manifest.Specs;

namespace Wasmrun.Reconciliation.Watching;

/// <summary>One thing to watch for a service, written or derived from what the service is made of.</summary>
internal sealed record WatchRule(string Path, WatchAction Action, IReadOnlyList<string> Ignore, IReadOnlyList<string> Include)
{
    /// <summary>What is watched for a service: what the manifest says, else the sources of its build, else the module or the project.</summary>
    public static IReadOnlyList<WatchRule> Of(ServiceSpec service)
    {
        if (service.Watch.Count > 0)
        {
            return [.. service.Watch.Select(written => new WatchRule(written.Path, written.Action, written.Ignore, written.Include))];
        }

        if (service.Build is { } build)
        {
            var module = service.Module is { } path && IsBelow(build.Directory, path)
                ? new[] { "/" + System.IO.Path.GetRelativePath(build.Directory, path).Replace('\\', '/') }
                : [];
            return [new(build.Directory, WatchAction.Rebuild, module, [])];
        }

        return service.SourcePath is { Length: > 0 } source ? [File(source)] : [];
    }

    public static WatchRule File(string path) => new(path, WatchAction.Restart, [], []);

    public bool IsSameAs(WatchRule other) =>
        string.Equals(Path, other.Path, StringComparison.Ordinal) && Action == other.Action
        && Ignore.SequenceEqual(other.Ignore, StringComparer.Ordinal) && Include.SequenceEqual(other.Include, StringComparer.Ordinal);

    private static bool IsBelow(string folder, string path) =>
        path.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
