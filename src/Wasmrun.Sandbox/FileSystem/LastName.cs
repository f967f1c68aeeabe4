namespace Wasmrun.Sandbox.FileSystem;

/// <summary>What a call does with the last name of its path when that is a link.</summary>
internal enum LastName
{
    /// <summary>It is about what the link points at.</summary>
    Follow,

    /// <summary>It is about the link, unless a separator stands behind it.</summary>
    Look,

    /// <summary>It makes or removes the name, and follows nothing.</summary>
    Change,
}
