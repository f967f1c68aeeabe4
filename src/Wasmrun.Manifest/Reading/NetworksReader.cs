using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads the networks that a service is on, a list or a map of declared names; <c>default</c> needs no declaration.</summary>
internal sealed class NetworksReader(ValueReader values, DeclaredNames declared)
{
    public const string Default = "default";

    public IReadOnlyList<string> Read(SourceNode? node)
    {
        IReadOnlyList<(string Text, SourceNode Node)> names;
        switch (node)
        {
            case null:
                return [Default];
            case SequenceNode list:
                names = values.DistinctTexts(list.Items, "'networks'");
                break;
            case MappingNode map:
                names = [.. map.Entries.Select(ReadEntry)];
                break;
            default:
                values.ReportType(node, "'networks'", "a list or a mapping");
                return [Default];
        }

        foreach (var (name, place) in names)
        {
            CheckDeclared(name, place);
        }

        return [.. names.Select(name => name.Text)];
    }

    private (string Text, SourceNode Node) ReadEntry(MappingEntry entry)
    {
        if (entry.Value is not (ScalarNode { IsNull: true } or MappingNode { Entries.Count: 0 }))
        {
            values.ReportType(entry.Value, $"the network '{entry.Key.Text}' of a service", "empty");
        }

        return (entry.Key.Text, entry.Key);
    }

    private void CheckDeclared(string name, SourceNode place)
    {
        if (name != Default && !declared.Networks.Contains(name))
        {
            var hint = values.Diagnostics.DidYouMean(name, declared.Networks);
            values.Diagnostics.Report(
                ManifestDiagnostics.UnknownNetwork,
                place.Location,
                $"the network '{name}' is not declared{(hint.Length > 0 ? hint : "; add it at the top level under 'networks'")}");
        }
    }
}
