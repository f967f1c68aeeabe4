using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads the arguments of a guest: a list as it is, a text split as a shell splits words.</summary>
internal sealed class CommandReader(ValueReader values)
{
    public IReadOnlyList<string> Read(SourceNode? node, string what = "'command'")
    {
        switch (node)
        {
            case null:
                return [];
            case SequenceNode list:
                return [.. list.Items.Select(item => values.Text(item, $"an argument of {what}")).OfType<string>()];
            case ScalarNode scalar when ShellWords.TrySplit(scalar.Text, out var words):
                return words;
            case ScalarNode scalar:
                values.Diagnostics.Report(
                    ManifestDiagnostics.UnclosedQuote,
                    scalar.Location,
                    $"a quote in {what} is not closed; close it, or write the arguments as a list");
                return [];
            default:
                values.ReportType(node, what, "text or a list");
                return [];
        }
    }
}
