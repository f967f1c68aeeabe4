using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>A text of the device tree as it was when it was opened, read like a small file.</summary>
internal sealed unsafe class TextDescriptor(byte[] text, Rights rights, FdFlags flags)
    : Descriptor(FileType.RegularFile, Readable, rights, Rights.None, flags)
{
    private const Rights Readable = Rights.Read | Rights.Seek | Rights.Tell | Rights.SetFlags | Rights.GetStatus | Rights.Advise | Rights.Poll;

    private ulong _position;

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        var error = ReadAt(buffers, _position, out count);
        _position += count;
        return error;
    }

    public override Errno ReadAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count)
    {
        count = 0;
        ReadOnlySpan<byte> rest = text.AsSpan((int)Math.Min(offset, (ulong)text.Length));
        foreach (var buffer in buffers)
        {
            var length = (int)Math.Min(buffer.Length, (nuint)rest.Length);
            rest[..length].CopyTo(new((void*)buffer.Base, length));
            rest = rest[length..];
            count += (nuint)length;
        }

        return Errno.None;
    }

    public override Errno Seek(long offset, Whence whence, out ulong position)
    {
        var origin = whence switch
        {
            Whence.Current => (long)_position,
            Whence.End => text.Length,
            _ => 0,
        };
        position = _position;
        if (offset < -origin || offset > int.MaxValue)
        {
            return Errno.EINVAL;
        }

        position = _position = (ulong)(origin + offset);
        return Errno.None;
    }

    public override Errno Advise(ulong offset, ulong length) => Errno.None;

    public override Errno GetStatus(out FileStatus status)
    {
        status = new() { Type = Type, Links = 1, Size = (ulong)text.Length };
        return Errno.None;
    }
}
