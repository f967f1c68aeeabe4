using System.Globalization;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>
/// Turns one node into a typed value, or says at its place what was expected instead. Numbers and flags are taken in quotes
/// too, because a substituted variable often comes in quotes.
/// </summary>
internal sealed class ValueReader(DiagnosticBag diagnostics)
{
    public DiagnosticBag Diagnostics { get; } = diagnostics;

    public string? Text(SourceNode node, string what)
    {
        if (node is ScalarNode { IsNull: false } scalar)
        {
            return scalar.Text;
        }

        ReportType(node, what, "text");
        return null;
    }

    public bool? Flag(SourceNode node, string what)
    {
        switch (Text(node, what))
        {
            case null:
                return null;
            case "true" or "True" or "TRUE":
                return true;
            case "false" or "False" or "FALSE":
                return false;
            default:
                ReportType(node, what, "true or false");
                return null;
        }
    }

    public int? Number(SourceNode node, string what, int lowest, int highest)
    {
        if (Text(node, what) is not { } text)
        {
            return null;
        }

        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            ReportType(node, what, "a whole number");
            return null;
        }

        if (number >= lowest && number <= highest)
        {
            return (int)number;
        }

        Diagnostics.Report(ManifestDiagnostics.NumberOutOfRange, node.Location, $"{what} is '{text}'; it goes from {lowest} to {highest}");
        return null;
    }

    public double? Share(SourceNode node, string what, double highest)
    {
        if (Text(node, what) is not { } text)
        {
            return null;
        }

        if (!decimal.TryParse(
            text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            ReportType(node, what, "a number such as 0.5");
            return null;
        }

        if (number > 0 && number <= (decimal)highest)
        {
            return (double)number;
        }

        var message = string.Create(CultureInfo.InvariantCulture, $"{what} is '{text}'; it must be more than 0 and at most {highest}");
        Diagnostics.Report(ManifestDiagnostics.NumberOutOfRange, node.Location, message);
        return null;
    }

    public TimeSpan? Duration(SourceNode node, string what)
    {
        if (Text(node, what) is not { } text)
        {
            return null;
        }

        if (DurationParser.TryParse(text, out var duration))
        {
            return duration;
        }

        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"'{text}' is not a duration for {what}; {DurationParser.Notation}, at most {DurationParser.Longest.TotalHours}h");
        Diagnostics.Report(ManifestDiagnostics.BadDuration, node.Location, message);
        return null;
    }

    public long? ByteSize(SourceNode node, string what, long lowest) => Text(node, what) is { } text ? ByteSize(text, node, what, lowest) : null;

    /// <summary>A size that is a part of what is written.</summary>
    /// <param name="place">What it is a part of.</param>
    public long? ByteSize(string text, SourceNode place, string what, long lowest)
    {
        if (!ByteSizeParser.TryParse(text, out var bytes))
        {
            Diagnostics.Report(
                ManifestDiagnostics.BadByteSize, place.Location, $"'{text}' is not a size for {what}; {ByteSizeParser.Notation}");
            return null;
        }

        if (bytes >= lowest)
        {
            return bytes;
        }

        Diagnostics.Report(
            ManifestDiagnostics.NumberOutOfRange, place.Location, $"{what} is '{text}'; it must be at least {lowest / 1024}k");
        return null;
    }

    /// <summary>One of the named values; unknown ones get a suggestion.</summary>
    public T? Choice<T>(SourceNode node, string what, IReadOnlyDictionary<string, T> choices)
        where T : struct
    {
        if (Text(node, what) is not { } text)
        {
            return null;
        }

        if (choices.TryGetValue(text, out var value))
        {
            return value;
        }

        var hint = Diagnostics.DidYouMean(text, choices.Keys);
        Diagnostics.Report(
            ManifestDiagnostics.UnknownValue,
            node.Location,
            $"'{text}' is not a value of {what}; it is one of {string.Join(", ", choices.Keys)}{hint}");
        return null;
    }

    /// <summary>The items of a list, or the single value that stands for a list of one; nothing for an absent or empty value.</summary>
    public IReadOnlyList<SourceNode> OneOrMany(SourceNode? node, string what)
    {
        switch (node)
        {
            case null or ScalarNode { IsNull: true }:
                return [];
            case SequenceNode list:
                return list.Items;
            case ScalarNode scalar:
                return [scalar];
            default:
                ReportType(node, what, "text or a list");
                return [];
        }
    }

    /// <summary>The items of a list; nothing for an absent or empty value.</summary>
    public IReadOnlyList<SourceNode> List(SourceNode? node, string what)
    {
        switch (node)
        {
            case null or ScalarNode { IsNull: true }:
                return [];
            case SequenceNode list:
                return list.Items;
            default:
                ReportType(node, what, "a list");
                return [];
        }
    }

    /// <summary>The texts of a list, each once.</summary>
    public IReadOnlyList<(string Text, SourceNode Node)> DistinctTexts(IReadOnlyList<SourceNode> items, string what)
    {
        var seen = new Dictionary<string, SourceNode>(StringComparer.Ordinal);
        var texts = new List<(string, SourceNode)>();
        foreach (var item in items)
        {
            if (Text(item, $"an entry of {what}") is { } text)
            {
                if (seen.TryAdd(text, item))
                {
                    texts.Add((text, item));
                }
                else
                {
                    ReportListedTwice(item, text, what, seen[text]);
                }
            }
        }

        return texts;
    }

    /// <summary>Whether a name can stand before the '=' of an environment entry.</summary>
    public bool CheckVariableName(string name, SourceNode place)
    {
        if (name.Length > 0 && !name.Contains('=', StringComparison.Ordinal))
        {
            return true;
        }

        Diagnostics.Report(
            ManifestDiagnostics.BadVariableName, place.Location, $"'{name}' cannot name a variable; a name is not empty and holds no '='");
        return false;
    }

    public void ReportListedTwice(SourceNode item, string text, string what, SourceNode first) =>
        Diagnostics.Report(
            ManifestDiagnostics.ListedTwice,
            item.Location,
            $"'{text}' is already listed in {what} at {first.Location.WithinFile}; keep one of the two");

    public void ReportType(SourceNode node, string what, string expected) =>
        Diagnostics.Report(ManifestDiagnostics.WrongType, node.Location, $"{what} must be {expected}, not {node.Kind}");
}
