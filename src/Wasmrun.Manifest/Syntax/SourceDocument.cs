namespace Wasmrun.Manifest.Syntax;

/// <summary>One text that the user wrote, and what its relative paths start from.</summary>
/// <param name="Name">The file as the user named it; it opens every diagnostic.</param>
/// <param name="BaseDirectory">The absolute folder that relative paths in the text start from.</param>
internal sealed record SourceDocument(string Name, string Text, string BaseDirectory);
