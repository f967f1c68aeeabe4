using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>depends_on</c>, a list of services or a map with conditions.</summary>
internal sealed class DependenciesReader(ValueReader values)
{
    private static readonly Dictionary<string, DependencyCondition> _conditions = new(StringComparer.Ordinal)
    {
        ["service_started"] = DependencyCondition.Started,
        ["service_healthy"] = DependencyCondition.Healthy,
        ["service_completed_successfully"] = DependencyCondition.CompletedSuccessfully,
    };

    public IReadOnlyList<DependencySpec> Read(SourceNode? node)
    {
        switch (node)
        {
            case null:
                return [];
            case SequenceNode list:
                return
                [
                    .. values.DistinctTexts(list.Items, "'depends_on'")
                        .Select(entry => new DependencySpec(
                            entry.Text, DependencyCondition.Started, Required: true, Restart: false, entry.Node.Location)),
                ];
            case MappingNode map:
                return [.. map.Entries.Select(ReadEntry)];
            default:
                values.ReportType(node, "'depends_on'", "a list or a mapping");
                return [];
        }
    }

    private DependencySpec ReadEntry(MappingEntry entry)
    {
        var reader = entry.Value is ScalarNode { IsNull: true }
            ? null
            : MappingReader.Open(entry.Value, $"the dependency '{entry.Key.Text}'", ManifestKeys.Dependency, values);
        return new DependencySpec(
            entry.Key.Text,
            reader?.Choice("condition", _conditions) ?? DependencyCondition.Started,
            reader?.Flag("required") ?? true,
            reader?.Flag("restart") ?? false,
            entry.Key.Location);
    }
}
