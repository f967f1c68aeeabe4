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
        count = _file.Read(buffers, _position);
        _position += (long)count;
        return Errno.None;
    }

    public override Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        if ((Flags & FdFlags.Append) != FdFlags.None)
        {
            _position = (long)_file.Size;
        }

        var outcome = _file.Write(buffers, _position, out count);
        _position += (long)count;
        return outcome;
    }

    public override Errno ReadAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count)
    {
        count = offset > long.MaxValue ? 0 : _file.Read(buffers, (long)offset);
        return offset > long.MaxValue ? Errno.EINVAL : Errno.None;
    }

    public override Errno WriteAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count)
    {
        count = 0;
        return offset > long.MaxValue ? Errno.EINVAL
            : _file.Write(buffers, (Flags & FdFlags.Append) != FdFlags.None ? (long)_file.Size : (long)offset, out count);
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

    public override Errno GetStatus(out FileStatus status)
    {
        status = _file.Status;
        return Errno.None;
    }

    protected override void Close() => _file.Close();
}
