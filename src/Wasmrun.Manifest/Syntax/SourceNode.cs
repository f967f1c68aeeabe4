using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// A value of a YAML or TOML text that still knows where it was written, so that whatever is said about it later can name
/// the place. Nodes are immutable; an anchored node is shared by its aliases.
/// </summary>
internal abstract class SourceNode(SourceDocument document, int line, int column)
{
    public SourceDocument Document { get; } = document;

    public SourceLocation Location { get; } = document.At(line, column);

    /// <summary>How the node takes part in a merge.</summary>
    public MergeTag Tag { get; init; }

    /// <summary>What the node is, in the words of a message: <c>a list</c>, <c>a mapping</c>, <c>text</c>.</summary>
    public abstract string Kind { get; }
}
