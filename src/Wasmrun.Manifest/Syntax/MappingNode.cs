namespace Wasmrun.Manifest.Syntax;

/// <summary>Keys and their values in the order they were written; every key occurs once.</summary>
internal sealed class MappingNode : SourceNode
{
    private readonly Dictionary<string, MappingEntry> _byKey;

    public MappingNode(SourceDocument document, int line, int column, IReadOnlyList<MappingEntry> entries)
        : base(document, line, column)
    {
        Entries = entries;
        _byKey = entries.ToDictionary(entry => entry.Key.Text, StringComparer.Ordinal);
    }

    public IReadOnlyList<MappingEntry> Entries { get; }

    public override string Kind => "a mapping";

    public MappingEntry? Entry(string key) => _byKey.GetValueOrDefault(key);

    public SourceNode? Value(string key) => Entry(key)?.Value;

    public MappingNode WithEntries(IReadOnlyList<MappingEntry> entries) =>
        new(Document, Location.Line, Location.Column, entries) { Tag = Tag };

    /// <summary>The same keys with other values.</summary>
    public MappingNode WithValues(Func<MappingEntry, SourceNode> valueOf) =>
        WithEntries([.. Entries.Select(entry => entry with { Value = valueOf(entry) })]);

    /// <summary>The same mapping with the value of one key exchanged.</summary>
    public MappingNode With(string key, SourceNode value) => WithValues(entry => entry.Key.Text == key ? value : entry.Value);
}

/// <summary>A key with its value.</summary>
internal sealed record MappingEntry(ScalarNode Key, SourceNode Value);
