using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// Datagrams from within the stack, on their way to one socket. All guests live in this process, so they go from the sender's
/// memory into this ring and from there into the receiver's; a kernel's own queue between processes holds no more than
/// ten of them on many systems. What does not fit is lost, as with any datagram.
/// </summary>
internal sealed unsafe class Mailbox(EventCounter arrived)
{
    private const int SmallestRing = 16 * 1024;

    /// <summary>As large as a kernel's default receive buffer.</summary>
    private const int DefaultCapacity = 212992;

    /// <summary>As small as a kernel lets one become.</summary>
    private const int SmallestCapacity = 2304;

    /// <summary>What a datagram counts beyond its bytes, so that a flood of empty ones is bounded too.</summary>
    private const int Overhead = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(InetEndPoint From, int Length)> _letters = [];
    private byte[] _ring = [];
    private int _start;
    private int _used;
    private bool _closed;

    /// <summary>Bytes that may wait at most, with what each datagram counts beyond its own.</summary>
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

            if (length + Overhead > Capacity - _used - (Overhead * _letters.Count))
            {
                return true;
            }

            Reserve(_used + length);
            foreach (var piece in data)
            {
                Append(new((void*)piece.Base, (int)piece.Length));
            }

            _letters.Enqueue((from, length));
            if (_letters.Count == 1)
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
            if (!_letters.TryPeek(out var letter))
            {
                from = default;
                return Errno.EAGAIN;
            }

            from = letter.From;
            foreach (var piece in buffers)
            {
                var length = (int)Math.Min(piece.Length, (nuint)letter.Length - count);
                CopyOut((int)count, new((void*)piece.Base, length));
                count += (nuint)length;
            }

            truncated = count < (nuint)letter.Length;
            if (!peek)
            {
                Remove();
            }

            return Errno.None;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _letters.Clear();
            _ring = [];
        }
    }

    private void Remove()
    {
        var length = _letters.Dequeue().Length;
        _start = _ring.Length == 0 ? 0 : (_start + length) % _ring.Length;
        _used -= length;
        if (_letters.Count == 0)
        {
            arrived.Decrement();
        }
    }

    private void Reserve(int needed)
    {
        if (needed <= _ring.Length)
        {
            return;
        }

        var size = Math.Max(SmallestRing, _ring.Length);
        while (size < needed)
        {
            size *= 2;
        }

        var larger = new byte[size];
        CopyOut(0, larger.AsSpan(0, _used));
        (_ring, _start) = (larger, 0);
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
}
