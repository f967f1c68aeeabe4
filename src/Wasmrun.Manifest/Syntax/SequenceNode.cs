namespace Wasmrun.Manifest.Syntax;

/// <summary>A list of values.</summary>
internal sealed class SequenceNode(SourceDocument document, int line, int column, IReadOnlyList<SourceNode> items)
    : SourceNode(document, line, column)
{
    public IReadOnlyList<SourceNode> Items { get; } = items;

    public override string Kind => "a list";

    public SequenceNode WithItems(IReadOnlyList<SourceNode> items) =>
        new(Document, Location.Line, Location.Column, items) { Tag = Tag };
}
