using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>
/// Merges a later tree over an earlier one: mappings key by key, lists one after the other, anything else replaced;
/// <c>!reset</c> takes a key away and <c>!override</c> replaces it whole. A rule may treat the value of a key differently.
/// </summary>
internal static class TreeMerger
{
    public static SourceNode Deep(SourceNode earlier, SourceNode later) => (earlier, later) switch
    {
        (MappingNode a, MappingNode b) => Mappings(a, b, _ => Deep),
        (SequenceNode a, SequenceNode b) => a.WithItems([.. a.Items, .. b.Items]),
        _ => later,
    };

    public static SourceNode Replace(SourceNode earlier, SourceNode later) => later;

    /// <summary>The keys of both mappings, in the order they first occur.</summary>
    /// <param name="ruleOf">How the two values of a key that both have are merged.</param>
    public static MappingNode Mappings(
        MappingNode earlier, MappingNode later, Func<string, Func<SourceNode, SourceNode, SourceNode>> ruleOf)
    {
        var entries = new OrderedDictionary<string, MappingEntry>(StringComparer.Ordinal);
        foreach (var entry in earlier.Entries)
        {
            entries.Add(entry.Key.Text, entry);
        }

        foreach (var entry in later.Entries)
        {
            var key = entry.Key.Text;
            if (entry.Value.Tag == MergeTag.Reset)
            {
                entries.Remove(key);
            }
            else if (entry.Value.Tag == MergeTag.Override || !entries.TryGetValue(key, out var before))
            {
                entries[key] = entry;
            }
            else
            {
                entries[key] = before with { Value = ruleOf(key)(before.Value, entry.Value) };
            }
        }

        return earlier.WithEntries([.. entries.Values]);
    }

    /// <summary>Takes away the keys and items that are still marked <c>!reset</c> once everything is merged.</summary>
    public static SourceNode Prune(SourceNode node) =>
        Prune(node, new Dictionary<SourceNode, SourceNode>(ReferenceEqualityComparer.Instance));

    private static SourceNode Prune(SourceNode node, Dictionary<SourceNode, SourceNode> done)
    {
        if (node is ScalarNode)
        {
            return node;
        }

        if (!done.TryGetValue(node, out var pruned))
        {
            pruned = node switch
            {
                SequenceNode list => list.WithItems([.. list.Items.Where(IsKept).Select(item => Prune(item, done))]),
                MappingNode map => map
                    .WithEntries([.. map.Entries.Where(entry => IsKept(entry.Value))])
                    .WithValues(entry => Prune(entry.Value, done)),
                _ => node,
            };
            done.Add(node, pruned);
        }

        return pruned;
    }

    private static bool IsKept(SourceNode node) => node.Tag != MergeTag.Reset;
}
