using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Interpolation;

/// <summary>
/// Replaces the variables in every value of a tree (keys stay as they are). Shared nodes are replaced once and stay shared,
/// so that aliases cost here what they cost in the text.
/// </summary>
internal sealed class TreeInterpolator(Interpolator interpolator)
{
    private readonly Dictionary<SourceNode, SourceNode> _done = new(ReferenceEqualityComparer.Instance);

    public SourceNode Expand(SourceNode node)
    {
        if (!_done.TryGetValue(node, out var expanded))
        {
            expanded = node switch
            {
                ScalarNode scalar => ExpandScalar(scalar),
                SequenceNode list => list.WithItems([.. list.Items.Select(Expand)]),
                MappingNode mapping => mapping.WithValues(entry => Expand(entry.Value)),
                _ => node,
            };
            _done.Add(node, expanded);
        }

        return expanded;
    }

    private ScalarNode ExpandScalar(ScalarNode scalar)
    {
        var text = interpolator.Expand(scalar.Text, scalar.Location);
        return ReferenceEquals(text, scalar.Text) ? scalar : scalar.WithText(text);
    }
}
