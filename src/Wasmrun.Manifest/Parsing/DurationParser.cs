using System.Buffers;
using System.Globalization;

namespace Wasmrun.Manifest.Parsing;

/// <summary>
/// Reads durations as compose writes them: numbers with units in a row, <c>1m30s</c>, <c>500ms</c>, <c>1.5h</c>. A bare
/// number has no unit to go by, so only <c>0</c> is one.
/// </summary>
public static class DurationParser
{
    public const string Notation = "write a number with a unit such as 500ms, 10s, 1m30s or 2h";

    /// <summary>Longer is a slip, and more than the system's timers hold.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1000);

    private static readonly SearchValues<char> _numeric = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0")
        {
            return true;
        }

        var rest = text.AsSpan();
        var seconds = 0m;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept(_numeric);
            if (digits <= 0 || !decimal.TryParse(
                rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var length = rest.IndexOfAny(_numeric);
            var unit = length < 0 ? rest : rest[..length];
            if (UnitInSeconds(unit) is not { } factor || number > (decimal)Longest.TotalSeconds * 1_000_000_000)
            {
                return false;
            }

            seconds += number * factor;
            rest = rest[unit.Length..];
        }

        if (text.Length == 0 || seconds > (decimal)Longest.TotalSeconds)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    private static decimal? UnitInSeconds(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => 3600m,
        "m" => 60m,
        "s" => 1m,
        "ms" => 0.001m,
        "us" or "µs" => 0.000_001m,
        "ns" => 0.000_000_001m,
        _ => null,
    };
}
