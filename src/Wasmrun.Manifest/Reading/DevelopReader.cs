using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads what is of interest while somebody works on a service: <c>build</c> and <c>develop.watch</c>.</summary>
internal sealed class DevelopReader(ReadContext context)
{
    private static readonly Dictionary<string, WatchAction> _actions = new(StringComparer.Ordinal)
    {
        ["restart"] = WatchAction.Restart,
        ["rebuild"] = WatchAction.Rebuild,
    };

    public BuildSpec? ReadBuild(MappingReader service) =>
        service.Find("build") is { } node && context.Values.Text(node, "'build'") is { } command
            ? new BuildSpec(command, Path.TrimEndingDirectorySeparator(node.Document.BaseDirectory))
            : null;

    public IReadOnlyList<WatchSpec> ReadWatch(MappingReader service, bool hasBuild) =>
        service.Mapping("develop", ManifestKeys.Develop)?.Find("watch") is { } list
            ? [.. context.Values.List(list, "'watch'").Select(entry => ReadEntry(entry, hasBuild)).OfType<WatchSpec>()]
            : [];

    private WatchSpec? ReadEntry(SourceNode node, bool hasBuild)
    {
        if (MappingReader.Open(node, "an entry of 'watch'", ManifestKeys.Watch, context.Values) is not { } entry)
        {
            return null;
        }

        var path = entry.RequiredText("path");
        var action = entry.Choice("action", _actions) ?? WatchAction.Restart;
        if (action == WatchAction.Rebuild && !hasBuild)
        {
            context.Values.Diagnostics.Report(
                ManifestDiagnostics.RebuildWithoutBuild,
                entry.Find("action")!.Location,
                "the action is 'rebuild', but the service has no 'build' command; add one, or write 'restart'");
        }

        var ignore = Patterns(entry, "ignore");
        var include = Patterns(entry, "include");
        return path is null
            ? null
            : new WatchSpec(HostPath.Resolve(path, node.Document.BaseDirectory, context.Scope), action, ignore, include);
    }

    private IReadOnlyList<string> Patterns(MappingReader entry, string key) =>
        [.. context.Values.DistinctTexts(context.Values.OneOrMany(entry.Find(key), $"'{key}'"), $"'{key}'").Select(pattern => pattern.Text)];
}
