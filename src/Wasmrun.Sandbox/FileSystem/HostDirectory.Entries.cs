using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

internal sealed unsafe partial class HostDirectory
{
    private const int NameOffset = 19;
    private const int ListingSize = 32 * 1024;

    private static readonly nint GetEntriesNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 61 : 217;

    /// <summary>Records of the kernel, of which those from <see cref="_start"/> to <see cref="_end"/> wait for the guest's next call.</summary>
    private byte[]? _records;
    private int _start;
    private int _end;

    /// <summary>The cookie of the first record that waits or, when none does, of the kernel's next one.</summary>
    private ulong _position;

    /// <summary>
    /// Lists with the kernel's own cookies, which stay good while entries come and go. They are offsets to the kernel, so
    /// whatever a guest makes up is at worst another place in the same listing.
    /// </summary>
    public override Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink)
    {
        // A guest takes a listing in pieces smaller than the kernel gives them. To go back for each would have the file system
        // begin anew. Only the listing from the start has to show what was made since.
        if (cookie != _position || (cookie == 0 && _records is not null))
        {
            ForgetListing();
            if (Libc.Seek(fd, (long)cookie, (int)Whence.Set) < 0)
            {
                return Libc.LastError;
            }

            _position = cookie;
        }

        while (!sink.IsFull)
        {
            mount.Stop.ThrowIfRequested();
            if (_start == _end)
            {
                var error = FillListing();
                if (_end == 0)
                {
                    ForgetListing();
                    return error;
                }
            }

            HandOn(ref sink);
        }

        return Errno.None;
    }

    private Errno FillListing()
    {
        _records ??= ArrayPool<byte>.Shared.Rent(ListingSize);
        fixed (byte* buffer = _records)
        {
            var length = (int)Libc.GetEntries(GetEntriesNumber, fd, buffer, ListingSize);
            var error = length < 0 ? Libc.LastError : Errno.None;
            (_start, _end) = (0, Math.Max(0, length));

            // A folder that was removed while it was open has no entries any more, not even its own.
            return error == Errno.ENOENT ? Errno.None : error;
        }
    }

    private void ForgetListing()
    {
        if (_records is { } records)
        {
            ArrayPool<byte>.Shared.Return(records);
        }

        (_records, _start, _end) = (null, 0, 0);
    }

    /// <summary>Decodes the kernel's <c>linux_dirent64</c> records.</summary>
    private void HandOn(ref DirectoryEntrySink sink)
    {
        while (_start < _end)
        {
            ReadOnlySpan<byte> records = _records.AsSpan(_start.._end);
            var inode = BinaryPrimitives.ReadUInt64LittleEndian(records);
            var next = BinaryPrimitives.ReadUInt64LittleEndian(records[8..]);
            var size = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            var type = HostStatus.TypeOf(records[18]);
            var name = records[NameOffset..size];
            name = name[..name.IndexOf((byte)0)];
            if (isRoot && name is [(byte)'.', (byte)'.'])
            {
                inode = GetStatus(out var own) == Errno.None ? own.Inode : 0;
            }
            else if (type == FileType.Unknown && GetNameStatus(name, out var status) == Errno.None)
            {
                // Some file systems leave it to the reader to ask.
                type = status.Type;
            }

            if (!sink.Add(next, inode, type, name))
            {
                return;
            }

            _start += size;
            _position = next;
        }
    }
}
