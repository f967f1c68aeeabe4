using System.Buffers;
using System.Globalization;

namespace Wasmrun.Manifest.Parsing;

/// <summary>Reads byte sizes as compose writes them: <c>64M</c>, <c>1g</c>, <c>1.5gb</c>, <c>65536</c>; units are powers of 1024.</summary>
internal static class ByteSizeParser
{
    public const string Notation = "write a number with a unit such as 512k, 64M or 1g";

    private const long Largest = 1L << 50;

    private static readonly SearchValues<char> _numeric = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.AsSpan().IndexOfAnyExcept(_numeric);
        var number = digits < 0 ? text : text[..digits];
        var unit = digits < 0 ? string.Empty : text[digits..].TrimStart(' ');
        if (FactorOf(unit) is not { } factor
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            || count > Largest / factor)
        {
            return false;
        }

        bytes = (long)(count * factor);
        return true;
    }

    private static long? FactorOf(string unit) => unit.ToLowerInvariant() switch
    {
        "" or "b" => 1,
        "k" or "kb" or "kib" => 1L << 10,
        "m" or "mb" or "mib" => 1L << 20,
        "g" or "gb" or "gib" => 1L << 30,
        "t" or "tb" or "tib" => 1L << 40,
        _ => null,
    };
}
