namespace Wasmrun.Manifest.Reading;

/// <summary>Which profiles the user switched on; <c>*</c> stands for all of them.</summary>
internal sealed class ProfileSelection(IReadOnlyCollection<string> active)
{
    public bool Includes(IReadOnlyCollection<string> profiles) =>
        profiles.Count == 0 || active.Contains("*") || profiles.Any(profile => active.Contains(profile));
}
