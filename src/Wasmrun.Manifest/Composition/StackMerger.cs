using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>
/// The rules by which files of a stack, and services that extend each other, merge: what stands for a map is merged by its
/// keys however it is written, forwards by address and ports, mounts by target, sets without repetition, commands not at all.
/// </summary>
internal sealed class StackMerger(ValueReader values)
{
    public MappingNode Stacks(MappingNode earlier, MappingNode later) =>
        TreeMerger.Mappings(earlier, later, key => key == "services" ? ServiceMaps : TreeMerger.Deep);

    public SourceNode Services(SourceNode earlier, SourceNode later) =>
        earlier is MappingNode a && later is MappingNode b ? TreeMerger.Mappings(a, b, ServiceRule) : later;

    private SourceNode ServiceMaps(SourceNode earlier, SourceNode later) =>
        earlier is MappingNode a && later is MappingNode b ? TreeMerger.Mappings(a, b, _ => Services) : later;

    private Func<SourceNode, SourceNode, SourceNode> ServiceRule(string key) => key switch
    {
        "command" => TreeMerger.Replace,
        "environment" or "labels" => (earlier, later) => AsMaps(earlier, later, key, holdsValues: true),
        "depends_on" => (earlier, later) => AsMaps(earlier, later, key, holdsValues: false),
        "networks" => (earlier, later) => AsMaps(earlier, later, key, holdsValues: false, Networks),
        "forwards" => (earlier, later) => ByKey(earlier, later, ForwardKey),
        "secrets" or "configs" => (earlier, later) => ByKey(earlier, later, GrantKey),
        "volumes" => (earlier, later) => ByKey(earlier, later, MountKey),
        "tmpfs" => (earlier, later) => ByKey(AsList(earlier), AsList(later), TemporaryKey),
        "env_file" or "egress" or "profiles" => (earlier, later) => ByKey(AsList(earlier), AsList(later), TextOf),
        _ => TreeMerger.Deep,
    };

    private SourceNode AsMaps(
        SourceNode earlier, SourceNode later, string what, bool holdsValues, Func<SourceNode, SourceNode, SourceNode>? rule = null) =>
        AsMap(earlier, what, holdsValues) is { } a && AsMap(later, what, holdsValues) is { } b
            ? TreeMerger.Mappings(a, b, _ => rule ?? TreeMerger.Deep)
            : later;

    /// <summary>A network that a later file only names keeps its aliases; others are added to them.</summary>
    private static SourceNode Networks(SourceNode earlier, SourceNode later) => (earlier, later) switch
    {
        (_, ScalarNode { IsNull: true }) => earlier,
        (MappingNode a, MappingNode b) => TreeMerger.Mappings(a, b, _ => (first, second) => ByKey(first, second, TextOf)),
        _ => later,
    };

    /// <summary>The map that a list stands for: <c>NAME=value</c> or plain names become keys.</summary>
    private MappingNode? AsMap(SourceNode node, string what, bool holdsValues)
    {
        if (node is not SequenceNode list)
        {
            return node as MappingNode;
        }

        var entries = new OrderedDictionary<string, MappingEntry>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            if (values.Text(item, $"an entry of '{what}'") is not { } text)
            {
                continue;
            }

            var equals = holdsValues ? text.IndexOf('=', StringComparison.Ordinal) : -1;
            var key = Scalar(item, equals < 0 ? text : text[..equals], isPlain: false);
            var value = Scalar(item, equals < 0 ? string.Empty : text[(equals + 1)..], isPlain: equals < 0);
            if (!entries.TryAdd(key.Text, new MappingEntry(key, value)))
            {
                values.ReportListedTwice(item, key.Text, $"'{what}'", entries[key.Text].Key);
            }
        }

        return new MappingNode(list.Document, list.Location.Line, list.Location.Column, [.. entries.Values]);
    }

    private static SourceNode AsList(SourceNode node) =>
        node is ScalarNode scalar ? new SequenceNode(node.Document, node.Location.Line, node.Location.Column, [scalar]) : node;

    /// <summary>A later item takes the place of an earlier one with the same key; items without a key are all kept.</summary>
    private static SourceNode ByKey(SourceNode earlier, SourceNode later, Func<SourceNode, string?> keyOf)
    {
        if (earlier is not SequenceNode a || later is not SequenceNode b)
        {
            return later;
        }

        // Repetitions within one file stay, so that the reader reports them.
        var replaced = b.Items.Select(keyOf).OfType<string>().ToHashSet();
        return a.WithItems([.. a.Items.Where(item => keyOf(item) is not { } key || !replaced.Contains(key)), .. b.Items]);
    }

    private static string? TextOf(SourceNode item) => (item as ScalarNode)?.Text;

    private static string? ForwardKey(SourceNode item) => ForwardsReader.ReadOne(item, new ValueReader(new DiagnosticBag()))?.Key;

    private static string? MountKey(SourceNode item) => Normal(item switch
    {
        ScalarNode scalar => MountParser.Split(scalar.Text)?.Target,
        MappingNode map => map.Value("target") is { } value ? TextOf(value) : null,
        _ => null,
    });

    private static string? TemporaryKey(SourceNode item) => Normal(TextOf(item) is { } text ? MountParser.SplitTemporary(text).Target : null);

    private static string? Normal(string? target) => target is not null && GuestPath.TryNormalize(target, out var path) ? path : target;

    private static string? GrantKey(SourceNode item) => item is MappingNode map && map.Value("source") is { } source ? TextOf(source) : TextOf(item);

    private static ScalarNode Scalar(SourceNode place, string text, bool isPlain) =>
        new(place.Document, place.Location.Line, place.Location.Column, text, isPlain);
}
