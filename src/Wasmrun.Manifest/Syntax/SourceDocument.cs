using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Syntax;

/// <summary>One text that the user wrote, and what its relative paths start from.</summary>
/// <param name="Name">The file as the user named it; it opens every diagnostic.</param>
/// <param name="BaseDirectory">The absolute folder that relative paths in the text start from.</param>
internal sealed record SourceDocument(string Name, string Text, string BaseDirectory)
{
    /// <summary>What each line is called, in a text that the user has not seen; none in any other.</summary>
    public IReadOnlyList<string> LineNames { get; init; } = [];

    /// <summary>A place in the text, as the user knows it.</summary>
    public SourceLocation At(int line, int column) =>
        LineNames.Count == 0 ? new(Name, line, column) : new(LineNames[Math.Min(line, LineNames.Count) - 1], line, column) { IsInText = false };
}
