using System.Text;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Interpolation;

/// <summary>
/// Replaces <c>$V</c>, <c>${V}</c> and the forms with a default, an error or an alternative in one text. What is substituted is
/// never looked at again, so a value cannot smuggle in another substitution.
/// </summary>
internal sealed class Interpolator(Func<string, string?> lookup, DiagnosticBag diagnostics)
{
    /// <summary>Characters that substitution may add up to over all texts of one file.</summary>
    private const int LongestOutput = 8 * 1024 * 1024;

    private int _written;

    /// <summary>The text with its variables replaced; when that is impossible, a diagnostic and what could be replaced.</summary>
    public string Expand(string text, SourceLocation location)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var output = new StringBuilder();
        new SubstitutionParser(text, location, lookup, diagnostics).Parse(output, LongestOutput - _written);
        _written += output.Length;
        if (_written < LongestOutput)
        {
            return output.ToString();
        }

        diagnostics.Report(
            ManifestDiagnostics.SubstitutionTooLong,
            location,
            $"the file grows by more than {LongestOutput / (1024 * 1024)} MiB through substitution; "
            + "shorten the variables or use them less often");
        return string.Empty;
    }
}
