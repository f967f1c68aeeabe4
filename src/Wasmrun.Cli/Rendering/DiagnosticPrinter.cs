using System.Globalization;
using Wasmrun.Cli.Terminal;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// Diagnostics as editors and CI systems read them, one a line; on a terminal followed by the line they speak of and a caret below
/// the place.
/// </summary>
internal sealed class DiagnosticPrinter(Screen screen)
{
    /// <summary>Prints each with its place.</summary>
    /// <param name="lineAt">The text of the line at a place, or null when it is not known.</param>
    internal void Print(IEnumerable<Diagnostic> diagnostics, Func<SourceLocation, string?> lineAt)
    {
        foreach (var diagnostic in diagnostics)
        {
            screen.Tell(Headline(diagnostic));
            if (screen.ErrorIsTerminal)
            {
                PrintPlace(diagnostic.Location, lineAt);
            }
        }
    }

    /// <summary>The line at the place, and a caret below the column.</summary>
    internal void PrintPlace(SourceLocation location, Func<SourceLocation, string?> lineAt)
    {
        if (lineAt(location) is not { } text)
        {
            return;
        }

        var colors = screen.ErrorColors;
        var number = location.Line.ToString(CultureInfo.InvariantCulture).PadLeft(5);
        var indent = new string([.. text.Take(location.Column - 1).Select(character => character == '\t' ? '\t' : ' ')]);
        screen.Tell($"{colors.Faint($"{number} |")} {text}");
        screen.Tell($"{colors.Faint("      |")} {indent}{colors.Error("^")}");
    }

    private string Headline(Diagnostic diagnostic)
    {
        if (!screen.ErrorColors.Enabled)
        {
            return diagnostic.ToString();
        }

        var colors = screen.ErrorColors;
        var kind = diagnostic.Severity == DiagnosticSeverity.Error
            ? colors.Error($"error {diagnostic.Code}:")
            : colors.Warning($"warning {diagnostic.Code}:");
        return $"{colors.Strong($"{diagnostic.Location}:")} {kind} {diagnostic.Message}";
    }
}
