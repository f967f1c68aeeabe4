namespace Wasmrun.Manifest.Syntax;

/// <summary>A single value, kept as it was written: whether <c>3000</c> is a number or text is for its reader to say.</summary>
internal sealed class ScalarNode(SourceDocument document, int line, int column, string text, bool isPlain)
    : SourceNode(document, line, column)
{
    public string Text { get; } = text;

    /// <summary>Written without quotes, so that <c>null</c>, <c>true</c> and numbers carry their own type.</summary>
    public bool IsPlain { get; } = isPlain;

    public bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");

    public override string Kind => IsNull ? "nothing" : IsPlain ? $"'{Shortened}'" : "text";

    private string Shortened => Text.Length <= 40 ? Text : string.Concat(Text.AsSpan(0, 37), "...");

    public ScalarNode WithText(string text) =>
        new(Document, Location.Line, Location.Column, text, IsPlain) { Tag = Tag };
}
