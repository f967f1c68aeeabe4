using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>
/// Merges services over the ones they extend, of the same file or of another. Each service is resolved once; circles and
/// chains that are too long are findings, and a service that could not be extended keeps the key.
/// </summary>
internal sealed class ExtendsResolver(LoadSession session, StackMerger merger, ManifestFileReader files)
{
    private const string Key = "extends";
    private const int LongestChain = 32;

    private readonly Dictionary<ServiceKey, ResolvedService> _resolved = [];
    private readonly NodeCounter _counter = new();

    public MappingNode Resolve(MappingNode root)
    {
        if (root.Value("services") is not MappingNode services)
        {
            return root;
        }

        return root.With("services", services.WithValues(entry => Resolve(root, entry, []).Node));
    }

    private ResolvedService Resolve(MappingNode root, MappingEntry entry, IReadOnlyList<ServiceKey> chain)
    {
        if (entry.Value is not MappingNode service || service.Entry(Key) is not { } extends)
        {
            return new ResolvedService(entry.Value, 0);
        }

        var key = new ServiceKey(root, entry.Key.Text);
        if (!_resolved.TryGetValue(key, out var resolved))
        {
            var own = service.WithEntries([.. service.Entries.Where(other => !ReferenceEquals(other, extends))]);
            resolved = Extend(root, service, own, extends, [.. chain, key]);
            _resolved[key] = resolved;
        }

        return resolved;
    }

    private ResolvedService Extend(
        MappingNode root, MappingNode service, MappingNode own, MappingEntry extends, IReadOnlyList<ServiceKey> chain)
    {
        var place = extends.Value.Location;
        if (FindBase(root, extends.Value) is not var (baseRoot, baseEntry))
        {
            return new ResolvedService(service, 0);
        }

        var baseKey = new ServiceKey(baseRoot, baseEntry.Key.Text);
        var start = chain.ToList().IndexOf(baseKey);
        if (start >= 0)
        {
            var circle = string.Join(" -> ", chain.Skip(start).Append(baseKey).Select(link => link.Service));
            session.Diagnostics.Report(
                ManifestDiagnostics.ExtendsCycle, place, $"services extend each other in a circle: {circle}; remove one 'extends'");
            return new ResolvedService(service, 0);
        }

        if (chain.Count >= LongestChain)
        {
            return TooDeep(service, place);
        }

        var resolved = Resolve(baseRoot, baseEntry, chain);
        if (resolved.Depth >= LongestChain)
        {
            return TooDeep(service, place);
        }

        var merged = merger.Services(resolved.Node, own);
        return new ResolvedService(session.Budget.TrySpend(_counter.Count(merged), place) ? merged : service, resolved.Depth + 1);
    }

    private ResolvedService TooDeep(MappingNode service, SourceLocation place)
    {
        session.Diagnostics.Report(
            ManifestDiagnostics.ExtendsCycle, place, $"more than {LongestChain} services extend each other in a row; shorten the chain");
        return new ResolvedService(service, 0);
    }

    private (MappingNode Root, MappingEntry Entry)? FindBase(MappingNode root, SourceNode extends)
    {
        string? name;
        var baseRoot = root;
        if (extends is MappingNode)
        {
            var reader = MappingReader.Open(extends, "'extends'", ManifestKeys.Extends, session.Values);
            name = reader?.RequiredText("service");
            if (name is not null && reader!.Text("file") is { } file)
            {
                baseRoot = files.ReadExtended(file, reader.Find("file")!);
            }
        }
        else if (extends is ScalarNode)
        {
            name = session.Values.Text(extends, "'extends'");
        }
        else
        {
            name = null;
            session.Values.ReportType(extends, "'extends'", "text or a mapping");
        }

        return name is null || baseRoot is null ? null : FindService(baseRoot, name, extends);
    }

    private (MappingNode Root, MappingEntry Entry)? FindService(MappingNode root, string name, SourceNode extends)
    {
        var services = root.Value("services") as MappingNode;
        if (services?.Entry(name) is { } entry)
        {
            return (root, entry);
        }

        var hint = session.Diagnostics.DidYouMean(name, services?.Entries.Select(other => other.Key.Text) ?? []);
        session.Diagnostics.Report(
            ManifestDiagnostics.ExtendsUnknown,
            extends.Location,
            $"there is no service '{name}' to extend in '{root.Document.Name}'"
            + (hint.Length > 0 ? hint : "; name one that is declared there"));
        return null;
    }

    private sealed record ServiceKey(MappingNode Root, string Service);

    private sealed record ResolvedService(SourceNode Node, int Depth);
}
