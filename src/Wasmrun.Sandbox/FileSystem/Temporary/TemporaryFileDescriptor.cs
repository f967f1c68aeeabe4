using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>An open file of a temporary file system, with a position of its own.</summary>
internal sealed class TemporaryFileDescriptor : Descriptor
{
    private readonly TemporaryFile _file;
    private long _position;

    public TemporaryFileDescriptor(TemporaryFile file, Rights rights, Rights inheriting, FdFlags flags)
        : base(FileType.RegularFile, Rights.File, rights, inheriting, flags)
    {
        _file = file;
        _file.Open();
    }

    private bool IsReadOnly => _file.Owner.IsReadOnly;

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        var outcome = ReadAt(buffers, (ulong)_position, out count);
        _position += (long)count;
        return outcome;
    }

    public override Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        var start = StartOfWrite(_position);
        var outcome = WriteAt(buffers, (ulong)_position, out count);
        if (count > 0)
        {
            _position = start + (long)count;
        }

        return outcome;
    }

    public override Errno ReadAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count)
    {
        count = 0;
        if (!CanEnd(offset, buffers))
        {
            return Errno.EINVAL;
        }

        count = _file.Read(buffers, (long)offset);
        return Errno.None;
    }

    public override Errno WriteAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count)
    {
        count = 0;
        return CanEnd(offset, buffers) ? _file.Write(buffers, StartOfWrite((long)offset), out count) : Errno.EINVAL;
    }

    public override Errno Seek(long offset, Whence whence, out ulong position)
    {
        var origin = whence switch
        {
            Whence.Current => _position,
            Whence.End => (long)_file.Size,
            _ => 0,
        };
        position = (ulong)_position;
        if (offset > 0 && origin > long.MaxValue - offset)
        {
            return Errno.EOVERFLOW;
        }

        if (origin + offset < 0)
        {
            return Errno.EINVAL;
        }

        _position = origin + offset;
        position = (ulong)_position;
        return Errno.None;
    }

    public override Errno Advise(ulong offset, ulong length) => offset > long.MaxValue || length > long.MaxValue ? Errno.EINVAL : Errno.None;

    public override Errno Allocate(ulong offset, ulong length) => IsReadOnly ? Errno.EROFS : _file.Allocate(offset, length);

    public override Errno Sync(bool dataOnly) => Errno.None;

    public override Errno SetSize(ulong size) => IsReadOnly ? Errno.EROFS : _file.SetSize(size);

    public override Errno SetTimes(in FileTimes times)
    {
        if (IsReadOnly)
        {
            return Errno.EROFS;
        }

        _file.SetTimes(times);
        return Errno.None;
    }

    public override Errno SetFlags(FdFlags flags) =>
        ((flags ^ Flags) & FdFlags.Fixed) != FdFlags.None ? Errno.EOPNOTSUPP : base.SetFlags(flags);

    public override Errno GetStatus(out FileStatus status)
    {
        status = _file.Status;
        return Errno.None;
    }

    protected override void Close() => _file.Close();

    /// <summary>Whether a transfer from a place on ends where there is a place, as the kernel asks of every file before anything else.</summary>
    private static bool CanEnd(ulong offset, ReadOnlySpan<IoVector> buffers) =>
        offset <= long.MaxValue && IoVector.Total(buffers) <= long.MaxValue - offset;

    private long StartOfWrite(long offset) => (Flags & FdFlags.Append) != FdFlags.None ? (long)_file.Size : offset;
}
