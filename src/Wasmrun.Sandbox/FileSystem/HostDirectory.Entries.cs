using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

internal sealed unsafe partial class HostDirectory
{
    private const int NameOffset = 19;
    private const int SmallestChunk = 1024;
    private const int LargestChunk = 32 * 1024;

    private static readonly nint GetEntriesNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 61 : 217;

    /// <summary>Where the kernel's listing stands, or null when it stands behind what the guest has been given.</summary>
    private ulong? _position = 0;

    /// <summary>
    /// Lists with the kernel's own cookies, which stay good while entries come and go. They are offsets to the kernel, so
    /// whatever a guest makes up is at worst another place in the same listing.
    /// </summary>
    [SkipLocalsInit]
    public override Errno ReadEntries(ulong cookie, ref DirectoryEntrySink sink)
    {
        if (_position != cookie && Libc.Seek(fd, (long)cookie, (int)Whence.Set) < 0)
        {
            return Libc.LastError;
        }

        var chunk = Math.Clamp(sink.Left, SmallestChunk, LargestChunk);
        var buffer = stackalloc byte[chunk];
        while (!sink.IsFull)
        {
            mount.Stop.ThrowIfRequested();
            var length = Libc.GetEntries(GetEntriesNumber, fd, buffer, chunk);
            if (length <= 0)
            {
                // A folder that was removed while it was open has no entries any more, not even its own.
                return length < 0 && Libc.LastError != Errno.ENOENT ? Libc.LastError : Errno.None;
            }

            HandOn(new ReadOnlySpan<byte>(buffer, (int)length), ref sink);
        }

        return Errno.None;
    }

    /// <summary>Decodes the kernel's <c>linux_dirent64</c> records.</summary>
    private void HandOn(ReadOnlySpan<byte> records, ref DirectoryEntrySink sink)
    {
        while (!records.IsEmpty)
        {
            var inode = BinaryPrimitives.ReadUInt64LittleEndian(records);
            var next = BinaryPrimitives.ReadUInt64LittleEndian(records[8..]);
            var size = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            var type = HostStatus.TypeOf(records[18]);
            var name = records[NameOffset..size];
            name = name[..name.IndexOf((byte)0)];
            records = records[size..];
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
                _position = null;
                return;
            }

            _position = next;
        }
    }
}
