using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// Makes the entries of a mapping from its raw pairs: keys must be text and occur once, and what a merge key (<c>&lt;&lt;</c>)
/// brings in gives way to what is written out.
/// </summary>
internal sealed class YamlMappingBuilder(DiagnosticBag diagnostics)
{
    private const string MergeKey = "<<";

    public IReadOnlyList<MappingEntry> Build(IReadOnlyList<(SourceNode Key, SourceNode Value)> pairs)
    {
        var entries = new Dictionary<string, MappingEntry>(StringComparer.Ordinal);
        var merged = new List<MappingNode>();
        foreach (var (key, value) in pairs)
        {
            if (key is not ScalarNode text)
            {
                diagnostics.Report(ManifestDiagnostics.KeyNotText, key.Location, $"a key must be text, not {key.Kind}");
            }
            else if (text is { IsPlain: true, Text: MergeKey })
            {
                merged.AddRange(MergedMappings(text, value));
            }
            else if (!entries.TryAdd(text.Text, new MappingEntry(text, value)))
            {
                var first = entries[text.Text].Key.Location;
                diagnostics.Report(
                    ManifestDiagnostics.DuplicateKey,
                    text.Location,
                    $"'{text.Text}' is already written at line {first.Line}; keep one of the two");
            }
        }

        foreach (var entry in merged.SelectMany(mapping => mapping.Entries))
        {
            entries.TryAdd(entry.Key.Text, entry);
        }

        return [.. entries.Values];
    }

    private IEnumerable<MappingNode> MergedMappings(ScalarNode key, SourceNode value)
    {
        foreach (var item in value is SequenceNode list ? list.Items : [value])
        {
            if (item is MappingNode mapping)
            {
                yield return mapping;
            }
            else if (item.Tag != MergeTag.Reset)
            {
                diagnostics.Report(
                    ManifestDiagnostics.BadMergeKey,
                    key.Location,
                    $"'<<' takes a mapping or a list of mappings, usually aliases such as *common, not {item.Kind}");
            }
        }
    }
}
