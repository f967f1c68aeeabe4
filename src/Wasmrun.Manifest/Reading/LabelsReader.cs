using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>labels</c>, a map or a list of <c>name=value</c>; they mean nothing to the runner and are handed on.</summary>
internal sealed class LabelsReader(ValueReader values)
{
    public IReadOnlyDictionary<string, string> Read(SourceNode? node)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (node)
        {
            case null:
                break;
            case MappingNode map:
                foreach (var (key, value) in map.Entries)
                {
                    var text = value is ScalarNode { IsNull: true } ? null : values.Text(value, $"the label '{key.Text}'");
                    labels[key.Text] = text ?? string.Empty;
                }

                break;
            case SequenceNode list:
                foreach (var (label, _) in values.DistinctTexts(list.Items, "'labels'"))
                {
                    var parts = label.Split('=', 2);
                    labels[parts[0]] = parts.ElementAtOrDefault(1) ?? string.Empty;
                }

                break;
            default:
                values.ReportType(node, "'labels'", "a mapping or a list");
                break;
        }

        return labels;
    }
}
