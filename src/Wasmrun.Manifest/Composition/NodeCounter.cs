using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>Counts the entries a tree has once its shared nodes are written out, without writing them out.</summary>
internal sealed class NodeCounter
{
    private readonly Dictionary<SourceNode, int> _counts = new(ReferenceEqualityComparer.Instance);

    /// <summary>At most <see cref="int.MaxValue"/>.</summary>
    public int Count(SourceNode node)
    {
        if (!_counts.TryGetValue(node, out var count))
        {
            IEnumerable<SourceNode> children = node switch
            {
                SequenceNode list => list.Items,
                MappingNode map => map.Entries.Select(entry => entry.Value),
                _ => [],
            };
            count = (int)Math.Min(int.MaxValue, 1 + children.Sum(child => (long)Count(child)));
            _counts.Add(node, count);
        }

        return count;
    }
}
