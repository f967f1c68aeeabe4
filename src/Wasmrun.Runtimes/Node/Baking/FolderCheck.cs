namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>What a <see cref="QuickCheck"/> compares of one folder.</summary>
/// <param name="Stamp">Null when only files in it count.</param>
/// <param name="Files">By their names; none of them is a link.</param>
internal sealed record FolderCheck(FolderStamp? Stamp, Dictionary<string, FileFact> Files)
{
    /// <summary>How many questions are asked.</summary>
    public int Count => Files.Count + (Stamp is null ? 0 : 1);
}
