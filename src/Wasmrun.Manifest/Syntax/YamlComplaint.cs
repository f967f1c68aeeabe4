using Wasmrun.Manifest.Diagnostics;
using YamlDotNet.Core;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// Turns the YAML parser's complaint into one that says the way out, for the few mistakes that nearly all YAML errors are:
/// a tab as indentation, a colon or a <c>${</c> inside unquoted text, an indentation that does not fit.
/// </summary>
internal sealed class YamlComplaint
{
    private readonly string _complaint;
    private readonly string _line;

    public YamlComplaint(YamlException exception, SourceDocument document)
    {
        _complaint = exception.Message.TrimEnd('.', ' ');
        var lines = document.Text.Split('\n');
        var line = (int)Math.Clamp(exception.Start.Line, 1, lines.Length);
        var column = (int)Math.Max(1, exception.Start.Column);
        if (IsAboutTabs && Array.FindIndex(lines, line - 1, HasTabIndentation) is >= 0 and var index)
        {
            (line, column) = (index + 1, lines[index].IndexOf('\t', StringComparison.Ordinal) + 1); // the parser names the line before
        }

        _line = lines[line - 1];
        Place = document.At(line, column);
    }

    public SourceLocation Place { get; }

    public string Message => $"not valid YAML: {char.ToLowerInvariant(_complaint[0])}{_complaint[1..]}; {Remedy}";

    private bool IsAboutTabs => _complaint.Contains("tab", StringComparison.Ordinal);

    private string Remedy
    {
        get
        {
            if (IsAboutTabs || HasTabIndentation(_line))
            {
                return "indent with spaces, YAML allows no tabs there";
            }

            if (_line.Contains("[${", StringComparison.Ordinal) || _line.Contains(" ${", StringComparison.Ordinal) || _line.Contains(
                "{${", StringComparison.Ordinal))
            {
                return "put the ${...} in quotes: inside [ ] and { } its braces mean something else";
            }

            if (_complaint.Contains("invalid mapping", StringComparison.Ordinal))
            {
                return "put text that contains ': ' in quotes, and line keys of one mapping up in one column";
            }

            return _complaint.Contains("flow", StringComparison.Ordinal)
                ? "close every [ and { and separate the entries with commas"
                : "check the indentation, quotes and brackets of this line and the one before";
        }
    }

    private static bool HasTabIndentation(string line) => line.AsSpan(0, line.Length - line.AsSpan().TrimStart().Length).Contains('\t');
}
