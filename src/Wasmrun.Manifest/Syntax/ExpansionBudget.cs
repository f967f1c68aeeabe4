using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Syntax;

/// <summary>
/// Bounds what a small text may expand to through aliases, merge keys, extends, merges, environment files and port ranges
/// taken together. Every step that can multiply pays here for each entry it produces; once the budget is spent that is said
/// once, and nothing expands further.
/// </summary>
internal sealed class ExpansionBudget(DiagnosticBag diagnostics)
{
    /// <summary>Enough for a thousand services with two hundred entries each.</summary>
    public const int Entries = 200_000;

    public int Spent { get; private set; }

    public bool IsExhausted { get; private set; }

    public bool TrySpend(int entries, SourceLocation location)
    {
        if (IsExhausted)
        {
            return false;
        }

        if (entries > Entries - Spent)
        {
            IsExhausted = true;
            diagnostics.Report(
                ManifestDiagnostics.ExpandsTooFar,
                location,
                $"the manifest expands to more than {Entries} entries here; use fewer aliases, extends, includes or shorter port ranges");
            return false;
        }

        Spent += entries;
        return true;
    }
}
