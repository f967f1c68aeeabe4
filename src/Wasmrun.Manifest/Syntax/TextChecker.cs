using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// Finds characters that no manifest may hold: control characters in the text itself (a NUL would end the YAML silently), and a
/// NUL or half a surrogate pair that an escape sequence smuggled into a value, which no path or environment can carry.
/// </summary>
internal static class TextChecker
{
    /// <summary>False, with a diagnostic, when the text holds a control character.</summary>
    public static bool CheckText(SourceDocument document, DiagnosticBag diagnostics)
    {
        for (var offset = 0; offset < document.Text.Length; offset++)
        {
            var character = document.Text[offset];
            if (char.IsControl(character) && character is not ('\t' or '\n' or '\r' or '\u0085'))
            {
                diagnostics.Report(
                    ManifestDiagnostics.BadCharacter,
                    Place(document, offset),
                    $"the control character U+{(int)character:X4} is not allowed; remove it");
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a parsed value can be handed to the operating system or to a guest.</summary>
    public static bool IsUsable(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\0' || char.IsLowSurrogate(value[i]))
            {
                return false;
            }

            if (char.IsHighSurrogate(value[i]) && (++i == value.Length || !char.IsLowSurrogate(value[i])))
            {
                return false;
            }
        }

        return true;
    }

    private static SourceLocation Place(SourceDocument document, int offset)
    {
        var before = document.Text.AsSpan(0, offset);
        return document.At(before.Count('\n') + 1, offset - before.LastIndexOf('\n'));
    }
}
