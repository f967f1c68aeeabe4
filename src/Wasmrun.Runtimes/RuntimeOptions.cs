namespace Wasmrun.Runtimes;

/// <summary>What the language runtimes need of the machine.</summary>
/// <param name="Folder">Where packages and prepared code are kept; made when first needed.</param>
/// <param name="Environment">Of the runner's process: it may name the registry, its settings and a proxy.</param>
public sealed record RuntimeOptions(string Folder, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Told what takes a while, such as fetching a package.</summary>
    public Action<string> Tell { get; init; } = static _ => { };

    internal string PackageFolder => Path.Combine(Folder, "packages");
}
