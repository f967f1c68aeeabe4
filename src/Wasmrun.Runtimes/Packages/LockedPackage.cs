namespace Wasmrun.Runtimes.Packages;

/// <summary>A package of npm that is pinned: nothing but the bytes that this hash names is ever used.</summary>
/// <param name="Integrity">As npm writes it: <c>sha512-</c> and the hash in base 64.</param>
internal sealed record LockedPackage(string Name, string Version, string Integrity)
{
    /// <summary>Where the archive lies; null for its usual place in the registry of the package's scope.</summary>
    public Uri? Address { get; init; }

    public override string ToString() => $"{Name} {Version}";
}
