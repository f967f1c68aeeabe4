using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// Builds located nodes from a TOML text, tables and dotted keys as nested mappings, so that one set of readers serves both
/// languages.
/// </summary>
internal sealed class TomlTreeReader(SourceDocument document, DiagnosticBag diagnostics)
{
    private const int DeepestNesting = 64;

    /// <summary>Null, with diagnostics, when the text cannot be parsed.</summary>
    public MappingNode? Read()
    {
        if (!TextChecker.CheckText(document, diagnostics))
        {
            return null;
        }

        try
        {
            var syntax = SyntaxParser.Parse(document.Text, document.Name, validate: true);
            foreach (var complaint in syntax.Diagnostics)
            {
                Report(Place(complaint.Span.Start), complaint.Message);
            }

            return syntax.HasErrors ? null : Build(syntax);
        }
        catch (TomlException exception)
        {
            Report(document.At(exception.Line ?? 1, exception.Column ?? 1), exception.Message);
            return null;
        }
    }

    private MappingNode Build(DocumentSyntax syntax)
    {
        var root = new TableBuilder(document, 1, 1);
        Add(root, syntax.KeyValues);
        foreach (var table in syntax.Tables)
        {
            if (table is TableArraySyntax)
            {
                Open(root, table.Name!, keepLast: true)?.Add(
                    Names(table.Name!)[^1], new SequenceNode(document, Line(table), Column(table), []));
            }
            else if (Open(root, table.Name!, keepLast: false) is { } open)
            {
                Add(open, table.Items);
            }
        }

        return root.Build();
    }

    private void Add(TableBuilder table, IEnumerable<KeyValueSyntax> pairs)
    {
        foreach (var pair in pairs)
        {
            if (pair is { Key: { } key, Value: { } value })
            {
                Open(table, key, keepLast: true)?.Add(Names(key)[^1], Value(value));
            }
        }
    }

    /// <summary>The table that a dotted key leads to, with or without its last part; null when it is too deep.</summary>
    private TableBuilder? Open(TableBuilder from, KeySyntax key, bool keepLast)
    {
        var names = Names(key);
        if (names.Count > DeepestNesting)
        {
            diagnostics.Report(
                ManifestDiagnostics.NestedTooDeeply, names[0].Location, $"the key has more than {DeepestNesting} parts; shorten it");
            return null;
        }

        return names.Take(names.Count - (keepLast ? 1 : 0)).Aggregate(from, (table, name) => table.Open(name));
    }

    private List<ScalarNode> Names(KeySyntax key) =>
        [Name(key.Key!), .. key.DotKeys.Select(part => Name(part.Key!))];

    private ScalarNode Name(BareKeyOrStringValueSyntax part)
    {
        var text = part switch
        {
            StringValueSyntax quoted => quoted.Value,
            BareKeySyntax bare => bare.Key?.Text,
            _ => null,
        };
        return new ScalarNode(document, Line(part), Column(part), text ?? string.Empty, isPlain: false);
    }

    private SourceNode Value(ValueSyntax value)
    {
        switch (value)
        {
            case ArraySyntax array:
                return new SequenceNode(
                    document, Line(value), Column(value), [.. array.Items.Select(item => item.Value).OfType<ValueSyntax>().Select(Value)]);
            case InlineTableSyntax inline:
                var table = new TableBuilder(document, Line(value), Column(value));
                Add(table, inline.Items.Select(item => item.KeyValue).OfType<KeyValueSyntax>());
                return table.Build();
            case StringValueSyntax text:
                if (!TextChecker.IsUsable(text.Value ?? string.Empty))
                {
                    diagnostics.Report(
                        ManifestDiagnostics.BadCharacter,
                        Place(value.Span.Start),
                        "the value holds a NUL, which no path, argument or variable can carry");
                }

                return new ScalarNode(document, Line(value), Column(value), text.Value ?? string.Empty, isPlain: false);
            default:
                return new ScalarNode(document, Line(value), Column(value), value.ToString().Trim(), isPlain: true);
        }
    }

    private void Report(SourceLocation place, string message) =>
        diagnostics.Report(ManifestDiagnostics.TomlSyntax, place, $"not valid TOML: {message.TrimEnd('.')}; correct this line");

    private SourceLocation Place(TextPosition position) => document.At(position.Line + 1, position.Column + 1);

    private static int Line(SyntaxNode node) => node.Span.Start.Line + 1;

    private static int Column(SyntaxNode node) => node.Span.Start.Column + 1;

    /// <summary>A table while it grows; TOML allows its parts to be scattered over the file.</summary>
    private sealed class TableBuilder(SourceDocument document, int line, int column)
    {
        private readonly OrderedDictionary<string, (ScalarNode Key, SourceNode? Value, TableBuilder? Table)> _entries = [];

        public void Add(ScalarNode key, SourceNode value) => _entries[key.Text] = (key, value, null);

        public TableBuilder Open(ScalarNode key)
        {
            if (_entries.TryGetValue(key.Text, out var entry) && entry.Table is { } open)
            {
                return open;
            }

            var table = new TableBuilder(document, key.Location.Line, key.Location.Column);
            _entries[key.Text] = (key, null, table);
            return table;
        }

        public MappingNode Build() =>
            new(
                document,
                line,
                column,
                [.. _entries.Values.Select(entry => new MappingEntry(entry.Key, entry.Value ?? entry.Table!.Build()))]);
    }
}
