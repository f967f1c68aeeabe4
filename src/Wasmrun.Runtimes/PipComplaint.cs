using System.Text.RegularExpressions;

namespace Wasmrun.Runtimes;

/// <summary>What of pip's output tells why it failed: its errors, and of all attempts to reach an index only what came of the last one.</summary>
internal static partial class PipComplaint
{
    private const int LinesToShow = 10;

    /// <summary>The lines to show, in their order.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<string> output)
    {
        var retries = output.Count(line => Retry().IsMatch(line));
        var seen = 0;
        return output
            .Where(line => line.Trim().Length > 0 && (!Retry().IsMatch(line) || ++seen == retries))
            .Select(line => Retry().Match(line) is { Success: true } retry ? Describe(retry, retries) : line.TrimEnd())
            .TakeLast(LinesToShow);
    }

    private static string Describe(Match retry, int retries) => FormattableString.Invariant(
        $"{retry.Groups["reason"].Value} ({retry.Groups["path"].Value}, {retries + 1} attempts)");

    /// <summary>
    /// <c>WARNING: Retrying (Retry(...)) after connection broken by 'NewConnectionError('&lt;...&gt;: the reason')': /path</c>, where the
    /// error may also be one without an object, and have its text in double quotes.
    /// </summary>
    [GeneratedRegex(
        """^WARNING: Retrying .* after connection broken by '(?:\w+\(['"])?(?:<[^>]*>: )?(?<reason>.*?)(?:['"]\))?': (?<path>\S+)$""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Retry();
}
