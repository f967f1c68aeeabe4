namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>A <see cref="QuickCheck"/> on disk, for processes to come.</summary>
/// <param name="Facts">Checksum of the facts that it stands for.</param>
/// <param name="Folders">What is compared of folders, by their path.</param>
/// <param name="Paths">What is compared at paths.</param>
internal sealed record KeptCheck(string Facts, Dictionary<string, FolderCheck> Folders, Dictionary<string, FileFact> Paths);
