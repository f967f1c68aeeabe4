using System.Buffers.Binary;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem;

/// <summary>
/// Lays directory entries out in a guest's buffer as preview 1's <c>dirent</c> with the name behind it. The entry that does
/// not fit is cut off at the buffer's end, by which the guest sees that there is more.
/// </summary>
internal ref struct DirectoryEntrySink(Span<byte> buffer)
{
    private const int HeaderSize = 24;

    private readonly Span<byte> _buffer = buffer;

    public int Used { get; private set; }

    public readonly int Left => _buffer.Length - Used;

    public readonly bool IsFull => Used == _buffer.Length;

    /// <summary>Appends one entry.</summary>
    /// <param name="next">The cookie with which the listing goes on behind this entry.</param>
    /// <returns>False when the buffer is full.</returns>
    public bool Add(ulong next, ulong inode, FileType type, ReadOnlySpan<byte> name)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, next);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], inode);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], name.Length);
        header[20] = (byte)type;
        Append(header);
        Append(name);
        return !IsFull;
    }

    private void Append(scoped ReadOnlySpan<byte> bytes)
    {
        var fitting = Math.Min(bytes.Length, Left);
        bytes[..fitting].CopyTo(_buffer[Used..]);
        Used += fitting;
    }
}
