using System.Runtime.InteropServices;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// Datagrams from within the stack, on their way to one socket. All guests live in this process, so they go from the sender's
/// memory into this ring and from there into the receiver's; a kernel's own queue between processes holds no more than
/// ten of them on many systems. What does not fit is lost, as with any datagram.
/// </summary>
/// <param name="memory">The bytes that all mailboxes of the receiver's instance may have.</param>
internal sealed unsafe class Mailbox(EventCounter arrived, Budget memory)
{
    private const int SmallestRing = 16 * 1024;

    /// <summary>What an empty mailbox may keep for the next datagrams.</summary>
    private const int LargestIdleRing = 256 * 1024;

    /// <summary>As large as a kernel's default receive buffer.</summary>
    private const int DefaultCapacity = 212992;

    /// <summary>As small as a kernel lets one become.</summary>
    private const int SmallestCapacity = 2304;

    private readonly Lock _gate = new();
    private byte[] _ring = [];
    private int _start;
    private int _used;
    private int _count;
    private bool _closed;

    /// <summary>Bytes that may wait at most, with what each datagram takes beyond its own.</summary>
    public int Capacity
    {
        get;
        set => field = Math.Max(value, SmallestCapacity);
    } = DefaultCapacity;

    /// <summary>Puts a datagram in; from any thread.</summary>
    /// <returns>False when nobody is there to receive it any more; a full mailbox loses it and answers true.</returns>
    public bool Put(InetEndPoint from, ReadOnlySpan<IoVector> data, int length)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            var needed = sizeof(Letter) + length;
            if (needed > Capacity - _used || !TryReserve(_used + needed))
            {
                return true;
            }

            var letter = new Letter(from, length);
            Append(new(&letter, sizeof(Letter)));
            foreach (var piece in data)
            {
                Append(new((void*)piece.Base, (int)piece.Length));
            }

            if (++_count == 1)
            {
                arrived.Increment();
            }

            return true;
        }
    }

    public Errno TryTake(ReadOnlySpan<IoVector> buffers, bool peek, out InetEndPoint from, out nuint count, out bool truncated)
    {
        lock (_gate)
        {
            count = 0;
            truncated = false;
            if (_count == 0)
            {
                from = default;
                return Errno.EAGAIN;
            }

            Letter letter;
            CopyOut(0, new(&letter, sizeof(Letter)));
            from = letter.From;
            foreach (var piece in buffers)
            {
                var length = (int)Math.Min(piece.Length, (nuint)letter.Length - count);
                CopyOut(sizeof(Letter) + (int)count, new((void*)piece.Base, length));
                count += (nuint)length;
            }

            truncated = count < (nuint)letter.Length;
            if (!peek)
            {
                Remove(sizeof(Letter) + letter.Length);
            }

            return Errno.None;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _used = _count = 0;
            FreeRing();
        }
    }

    private void Remove(int length)
    {
        _start = (_start + length) % _ring.Length;
        _used -= length;
        if (--_count == 0)
        {
            arrived.Decrement();
            if (_ring.Length > LargestIdleRing || (_ring.Length > SmallestRing && memory.IsTight))
            {
                FreeRing();
            }
        }
    }

    private void FreeRing()
    {
        memory.Give(_ring.Length);
        (_ring, _start) = ([], 0);
    }

    private bool TryReserve(int needed)
    {
        if (needed <= _ring.Length)
        {
            return true;
        }

        var size = Math.Max(SmallestRing, _ring.Length);
        while (size < needed)
        {
            size *= 2;
        }

        if (!memory.TryTake(size - _ring.Length))
        {
            return false;
        }

        var larger = new byte[size];
        CopyOut(0, larger.AsSpan(0, _used));
        (_ring, _start) = (larger, 0);
        return true;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var at = (_start + _used) % _ring.Length;
        var first = Math.Min(bytes.Length, _ring.Length - at);
        bytes[..first].CopyTo(_ring.AsSpan(at));
        bytes[first..].CopyTo(_ring);
        _used += bytes.Length;
    }

    private void CopyOut(int offset, Span<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var at = (_start + offset) % _ring.Length;
        var first = Math.Min(bytes.Length, _ring.Length - at);
        _ring.AsSpan(at, first).CopyTo(bytes);
        _ring.AsSpan(0, bytes.Length - first).CopyTo(bytes[first..]);
    }

    /// <summary>What lies before the bytes of each datagram.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Letter(InetEndPoint From, int Length);
}
