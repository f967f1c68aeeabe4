using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>What <c>path_open</c> was asked for, beside the path.</summary>
/// <param name="Rights">What the new descriptor may do, already cut down to what its folder hands on.</param>
/// <param name="Follow">Whether a symbolic link at the end of the path is followed.</param>
internal readonly record struct OpenRequest(bool Follow, OpenFlags Open, Rights Rights, Rights Inheriting, FdFlags Flags)
{
    public bool Creates => Open.HasFlag(OpenFlags.Create);

    public bool Exclusive => Open.HasFlag(OpenFlags.Exclusive);

    public bool Truncates => Open.HasFlag(OpenFlags.Truncate);

    public bool WantsDirectory => Open.HasFlag(OpenFlags.Directory);

    public bool Reads => (Rights & (Rights.Read | Rights.ReadDirectory)) != Rights.None;

    public bool Writes => (Rights & (Rights.Write | Rights.Allocate | Rights.SetSize)) != Rights.None;

    /// <summary>Whether the file must not be there yet.</summary>
    public bool OnlyNew => Creates && Exclusive;

    /// <summary>Whether a file is to be made under a name that only a folder can have: a kernel refuses that whatever has the name, and follows no link there.</summary>
    public bool CreatesAsFolder(ReadOnlySpan<byte> path) => Creates && path is [.., (byte)'/'];

    /// <summary>Whether the call could change a file that is there.</summary>
    public bool Changes => Writes || Truncates;

    /// <summary>Whether the call could change anything in the file system, or hand out a descriptor that can.</summary>
    public bool CouldWrite => Changes || Creates;
}
