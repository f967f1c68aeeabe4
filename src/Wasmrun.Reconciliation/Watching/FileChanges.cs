using System.Globalization;

namespace Wasmrun.Reconciliation.Watching;

/// <summary>What changed of what is watched together.</summary>
/// <param name="Paths">Absolute, sorted; never empty.</param>
/// <param name="NeedsBuild">Whether one of them is of a rule that builds first.</param>
internal sealed record FileChanges(IReadOnlyList<string> Paths, bool NeedsBuild)
{
    /// <summary>For people: <c>server.js changed</c>, or the first of several and how many more.</summary>
    public string Text => Paths.Count == 1
        ? $"{Path.GetFileName(Paths[0])} changed"
        : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(Paths[0])} and {Paths.Count - 1} more changed");
}
