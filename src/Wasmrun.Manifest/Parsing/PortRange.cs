using System.Globalization;

namespace Wasmrun.Manifest.Parsing;

/// <summary>One port or a run of ports, <c>3000</c> or <c>3000-3009</c>, as numbers that may still be out of range.</summary>
internal readonly record struct PortRange(int First, int Last)
{
    public const int Lowest = 1;
    public const int Highest = 65535;

    public int Length => Last - First + 1;

    /// <summary>Reads digits, or digits, a dash and digits; numbers too long to matter are out of range, not malformed.</summary>
    public static bool TryParse(string text, out PortRange range)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var first = dash < 0 ? text : text[..dash];
        var last = dash < 0 ? text : text[(dash + 1)..];
        range = default;
        if (!IsDigits(first) || !IsDigits(last))
        {
            return false;
        }

        range = new PortRange(Number(first), Number(last));
        return true;
    }

    private static bool IsDigits(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static int Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
}
