namespace Wasmrun.Manifest.Diagnostics;

/// <summary>
/// Collects what a load finds. The same finding at the same place counts once, because anchors and extended services are
/// read several times; and past a bound the rest is only announced, so that a hostile manifest cannot fill the memory.
/// </summary>
internal sealed class DiagnosticBag
{
    private const int Bound = 1000;
    private const int LongestMessage = 500;

    private readonly List<Diagnostic> _items = [];
    private readonly HashSet<Diagnostic> _seen = [];

    public IReadOnlyList<Diagnostic> Items => _items;

    public int ErrorCount { get; private set; }

    public bool HasErrors => ErrorCount > 0;

    private bool IsFull => _items.Count > Bound;

    public void Report(DiagnosticDescriptor descriptor, SourceLocation location, string message)
    {
        ErrorCount += descriptor.Severity == DiagnosticSeverity.Error ? 1 : 0;
        if (IsFull)
        {
            return;
        }

        var diagnostic = _items.Count == Bound
            ? ManifestDiagnostics.TooManyProblems.At(location, $"more than {Bound} problems; correct these first, the rest is not shown")
            : descriptor.At(location, OnOneLine(message));
        if (_seen.Add(diagnostic))
        {
            _items.Add(diagnostic);
        }
    }

    /// <summary>The end of a message: <c>; did you mean 'db'?</c> when a candidate is close enough, else nothing.</summary>
    public string DidYouMean(string written, IEnumerable<string> candidates)
    {
        var best = IsFull ? null : Suggestion.Closest(written, candidates);
        return best is null ? string.Empty : $"; did you mean '{best}'?";
    }

    /// <summary>Messages quote what the user wrote, which may hold line breaks, escape sequences for the terminal, or a novel.</summary>
    private static string OnOneLine(string message)
    {
        var printable = message.Any(char.IsControl)
            ? string.Concat(message.Take(LongestMessage + 1).Select(character => char.IsControl(character) ? '\uFFFD' : character))
            : message;
        return printable.Length <= LongestMessage ? printable : string.Concat(printable.AsSpan(0, LongestMessage), "...");
    }
}
