using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Sandbox.FileSystem.Temporary;

/// <summary>
/// A regular file of a temporary file system: its content in pieces of one size, of which those that were never written do
/// not exist and read as zeros. It lives as long as it has a name or is open.
/// </summary>
internal sealed unsafe class TemporaryFile(TemporaryFileSystem owner) : TemporaryNode(owner, FileType.RegularFile)
{
    public const int PieceSize = 4096;

    /// <summary>How many pieces there may be room for, however few there are.</summary>
    private const int MostSlack = 16;

    private readonly Dictionary<long, byte[]> _pieces = [];
    private long _size;
    private int _opened;

    public override ulong Size => (ulong)_size;

    public void Open() => _opened++;

    public void Close()
    {
        _opened--;
        ReleaseIfUnused();
    }

    public nuint Read(ReadOnlySpan<IoVector> buffers, long position)
    {
        nuint count = 0;
        foreach (var buffer in buffers)
        {
            var left = (nuint)Math.Max(0, Math.Min(_size - position, (long)buffer.Length));
            for (var target = (byte*)buffer.Base; left > 0;)
            {
                Owner.Stop.ThrowIfRequested();
                var within = (int)(position % PieceSize);
                var length = (int)nuint.Min(left, (nuint)(PieceSize - within));
                var space = new Span<byte>(target, length);
                if (_pieces.TryGetValue(position / PieceSize, out var piece))
                {
                    piece.AsSpan(within, length).CopyTo(space);
                }
                else
                {
                    space.Clear();
                }

                target += length;
                left -= (nuint)length;
                position += length;
                count += (nuint)length;
            }
        }

        return count;
    }

    /// <summary>Writes as much as there is room for; an error only when that is nothing.</summary>
    public Errno Write(ReadOnlySpan<IoVector> buffers, long position, out nuint count)
    {
        count = 0;
        var outcome = Errno.None;
        foreach (var buffer in buffers)
        {
            var left = buffer.Length;
            for (var source = (byte*)buffer.Base; left > 0 && outcome == Errno.None;)
            {
                Owner.Stop.ThrowIfRequested();
                var within = (int)(position % PieceSize);
                var length = (int)nuint.Min(left, (nuint)(PieceSize - within));
                if (position > long.MaxValue - length)
                {
                    outcome = Errno.EFBIG;
                }
                else if (TryGetPiece(position / PieceSize, out var piece))
                {
                    new ReadOnlySpan<byte>(source, length).CopyTo(piece.AsSpan(within));
                    source += length;
                    left -= (nuint)length;
                    position += length;
                    count += (nuint)length;
                }
                else
                {
                    outcome = Errno.ENOSPC;
                }
            }
        }

        if (count > 0)
        {
            _size = Math.Max(_size, position);
            Touch();
        }

        return count > 0 ? Errno.None : outcome;
    }

    public Errno SetSize(ulong size)
    {
        if (size > long.MaxValue)
        {
            return Errno.EINVAL;
        }

        if ((long)size < _size)
        {
            Cut((long)size);
        }

        _size = (long)size;
        Touch();
        return Errno.None;
    }

    /// <summary>Takes the room for a range, all of it or nothing, and grows the file to its end.</summary>
    public Errno Allocate(ulong offset, ulong length)
    {
        if (length == 0 || offset > long.MaxValue || length > long.MaxValue)
        {
            return Errno.EINVAL;
        }

        if (offset + length > long.MaxValue)
        {
            return Errno.EFBIG;
        }

        var end = (long)(offset + length);
        var (first, last) = ((long)offset / PieceSize, (end - 1) / PieceSize);
        var wanted = last - first + 1 - _pieces.Keys.Count(index => index >= first && index <= last);
        if (wanted > long.MaxValue / PieceSize || !Owner.TryTakeBytes(wanted * PieceSize))
        {
            return Errno.ENOSPC;
        }

        for (var index = first; index <= last; index++)
        {
            Owner.Stop.ThrowIfRequested();
            _ = _pieces.TryAdd(index, new byte[PieceSize]);
        }

        _size = Math.Max(_size, end);
        Touch();
        return Errno.None;
    }

    protected override void ReleaseIfUnused()
    {
        if (Links == 0 && _opened == 0)
        {
            Cut(0);
        }
    }

    private bool TryGetPiece(long index, out byte[] piece)
    {
        if (_pieces.TryGetValue(index, out piece!))
        {
            return true;
        }

        if (!Owner.TryTakeBytes(PieceSize))
        {
            return false;
        }

        piece = new byte[PieceSize];
        _pieces.Add(index, piece);
        return true;
    }

    /// <summary>Gives back what lies behind the new end, and clears the rest of the last piece, which may be grown over again.</summary>
    private void Cut(long size)
    {
        var kept = (size + PieceSize - 1) / PieceSize;
        foreach (var index in _pieces.Keys.Where(index => index >= kept))
        {
            _ = _pieces.Remove(index);
            Owner.GiveBytes(PieceSize);
        }

        if (_pieces.EnsureCapacity(0) > MostSlack + (4 * _pieces.Count))
        {
            // Room that nothing is charged for any more.
            _pieces.TrimExcess();
        }

        if (size % PieceSize is var within and > 0 && _pieces.TryGetValue(size / PieceSize, out var last))
        {
            last.AsSpan((int)within).Clear();
        }
    }
}
