using Wasmrun.Manifest.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// Builds located nodes from the events of the YAML parser, because no object mapper keeps the place of every value. Aliases
/// share their anchor's node and are paid for from the budget; merge keys are resolved here; a duplicate key is a finding.
/// </summary>
internal sealed class YamlTreeReader
{
    private const int DeepestNesting = 64;
    private const string CoreTag = "tag:yaml.org,2002:";

    private readonly SourceDocument _document;
    private readonly ExpansionBudget _budget;
    private readonly DiagnosticBag _diagnostics;
    private readonly YamlMappingBuilder _mappings;
    private readonly GuardedYamlParser _parser;
    private readonly Dictionary<string, Anchored> _anchors = new(StringComparer.Ordinal);

    private YamlTreeReader(SourceDocument document, ExpansionBudget budget, DiagnosticBag diagnostics)
    {
        _document = document;
        _budget = budget;
        _diagnostics = diagnostics;
        _mappings = new YamlMappingBuilder(diagnostics);
        _parser = new GuardedYamlParser(new StringReader(document.Text));
    }

    /// <summary>The root value, or null when the text is empty or cannot be read; the diagnostics say why.</summary>
    public static SourceNode? Read(SourceDocument document, ExpansionBudget budget, DiagnosticBag diagnostics)
    {
        if (!TextChecker.CheckText(document, diagnostics))
        {
            return null;
        }

        try
        {
            return new YamlTreeReader(document, budget, diagnostics).ReadStream();
        }
        catch (YamlException exception)
        {
            var complaint = new YamlComplaint(exception, document);
            diagnostics.Report(ManifestDiagnostics.YamlSyntax, complaint.Place, complaint.Message);
            return null;
        }
    }

    private SourceNode? ReadStream()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = ReadNode(depth: 0);
        if (root is null)
        {
            return null;
        }

        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            _diagnostics.Report(
                ManifestDiagnostics.SeveralDocuments,
                Place(second.Start),
                "a second YAML document starts here; put it into a file of its own and name both with -f, or include it");
        }

        return root;
    }

    /// <summary>Null means that reading has to stop.</summary>
    private SourceNode? ReadNode(int depth)
    {
        var start = _parser.Current?.Start ?? Mark.Empty;
        if (depth > DeepestNesting)
        {
            _diagnostics.Report(
                ManifestDiagnostics.NestedTooDeeply,
                Place(start),
                $"values are nested more than {DeepestNesting} levels deep here; flatten them");
            return null;
        }

        if (!_budget.TrySpend(1, Place(start)))
        {
            return null;
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return ReadAlias(alias);
        }

        var spentBefore = _budget.Spent;
        var anchor = _parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored ? anchored.Anchor.Value : null;
        SourceNode? node = _parser.Current switch
        {
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            _ => ReadScalar(),
        };
        if (anchor is not null && node is not null)
        {
            _anchors[anchor] = new Anchored(node, _budget.Spent - spentBefore + 1);
        }

        return node;
    }

    private SourceNode? ReadAlias(AnchorAlias alias)
    {
        if (_anchors.TryGetValue(alias.Value.Value, out var target))
        {
            return _budget.TrySpend(target.Entries, Place(alias.Start)) ? target.Node : null;
        }

        var hint = _diagnostics.DidYouMean(alias.Value.Value, _anchors.Keys);
        _diagnostics.Report(
            ManifestDiagnostics.UnknownAlias,
            Place(alias.Start),
            $"the alias '*{alias.Value.Value}' has no complete anchor before it{hint}");
        return new ScalarNode(_document, Line(alias), Column(alias), string.Empty, isPlain: true) { Tag = MergeTag.Reset };
    }

    private ScalarNode ReadScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        if (!TextChecker.IsUsable(scalar.Value))
        {
            _diagnostics.Report(
                ManifestDiagnostics.BadCharacter,
                Place(scalar.Start),
                "the value holds a NUL or half a surrogate pair, which no path, argument or variable can carry");
        }

        var isText = string.Equals(Tag(scalar), CoreTag + "str", StringComparison.Ordinal);
        return new ScalarNode(
            _document, Line(scalar), Column(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain && !isText)
        {
            Tag = MergeTagOf(scalar),
        };
    }

    private SequenceNode? ReadSequence(int depth)
    {
        var start = _parser.Consume<SequenceStart>();
        var items = new List<SourceNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            if (ReadNode(depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new SequenceNode(_document, Line(start), Column(start), items) { Tag = MergeTagOf(start) };
    }

    private MappingNode? ReadMapping(int depth)
    {
        var start = _parser.Consume<MappingStart>();
        var pairs = new List<(SourceNode Key, SourceNode Value)>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadNode(depth + 1) is not { } key || ReadNode(depth + 1) is not { } value)
            {
                return null;
            }

            pairs.Add((key, value));
        }

        return new MappingNode(_document, Line(start), Column(start), _mappings.Build(pairs)) { Tag = MergeTagOf(start) };
    }

    private MergeTag MergeTagOf(NodeEvent node)
    {
        var tag = Tag(node);
        switch (tag)
        {
            case "!reset":
                return MergeTag.Reset;
            case "!override":
                return MergeTag.Override;
            case "" or "?" or "!":
            case CoreTag + "str" or CoreTag + "int" or CoreTag + "float" or CoreTag + "bool" or CoreTag + "null":
            case CoreTag + "map" or CoreTag + "seq":
                return MergeTag.None;
            default:
                var hint = _diagnostics.DidYouMean(tag, ["!reset", "!override"]);
                _diagnostics.Report(
                    ManifestDiagnostics.UnknownTag,
                    Place(node.Start),
                    $"the tag '{tag}' has no meaning here; only !reset and !override do{hint}");
                return MergeTag.None;
        }
    }

    private static string Tag(NodeEvent node) => node.Tag.IsEmpty ? string.Empty : node.Tag.Value;

    private static int Line(ParsingEvent node) => (int)Math.Max(1, node.Start.Line);

    private static int Column(ParsingEvent node) => (int)Math.Max(1, node.Start.Column);

    private SourceLocation Place(Mark mark) => new(_document.Name, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private sealed record Anchored(SourceNode Node, int Entries);
}
