namespace Wasmrun.Manifest.Syntax;

/// <summary>What a tag on a value says about merging it into an earlier file.</summary>
internal enum MergeTag
{
    None,

    /// <summary><c>!reset</c>: the key is taken away.</summary>
    Reset,

    /// <summary><c>!override</c>: the earlier value is replaced, not merged into.</summary>
    Override,
}
