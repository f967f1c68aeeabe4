using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>A file, folder or link of a temporary file system, whatever names it has.</summary>
internal abstract class TemporaryNode
{
    protected TemporaryNode(TemporaryFileSystem owner, FileType type)
    {
        Owner = owner;
        Type = type;
        Inode = owner.NextInode();
        AccessTime = ModifyTime = ChangeTime = owner.Now;
    }

    public TemporaryFileSystem Owner { get; }

    public FileType Type { get; }

    public ulong Inode { get; }

    /// <summary>How many names it has.</summary>
    public uint Links { get; private set; }

    public abstract ulong Size { get; }

    private ulong AccessTime { get; set; }

    private ulong ModifyTime { get; set; }

    private ulong ChangeTime { get; set; }

    public FileStatus Status => new()
    {
        Device = Owner.Device,
        Inode = Inode,
        Type = Type,
        Links = Links,
        Size = Size,
        AccessTime = AccessTime,
        ModifyTime = ModifyTime,
        ChangeTime = ChangeTime,
    };

    public void SetTimes(in FileTimes times)
    {
        ChangeTime = Owner.Now;
        AccessTime = Wanted(times.Flags, SetTimesFlags.Access, SetTimesFlags.AccessNow, times.Access, AccessTime);
        ModifyTime = Wanted(times.Flags, SetTimesFlags.Modify, SetTimesFlags.ModifyNow, times.Modify, ModifyTime);

        ulong Wanted(SetTimesFlags flags, SetTimesFlags given, SetTimesFlags now, ulong time, ulong old) =>
            flags.HasFlag(given) ? time : flags.HasFlag(now) ? ChangeTime : old;
    }

    /// <summary>Notes that the content has changed.</summary>
    public void Touch() => ModifyTime = ChangeTime = Owner.Now;

    public void AddName()
    {
        Links++;
        ChangeTime = Owner.Now;
    }

    public void RemoveName()
    {
        Links--;
        ChangeTime = Owner.Now;
        ReleaseIfUnused();
    }

    /// <summary>Gives back what the node takes of the file system's bound, once nothing leads to it any more.</summary>
    protected abstract void ReleaseIfUnused();
}
