using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>What a socket is still to send. It lies in the guest's own memory, so that the guest's limit counts it.</summary>
internal sealed class SendQueue(QuickJs engine)
{
    /// <summary>Of one chunk: short pieces share one, because the host remembers each chunk.</summary>
    private const int LeastChunkBytes = 4096;

    private readonly Queue<Chunk> _chunks = new();
    private Chunk? _last;

    /// <summary>How many bytes there are.</summary>
    public long Bytes { get; private set; }

    /// <summary>The bytes that go first, as many as lie together; none when there are none.</summary>
    public ReadOnlySpan<byte> First => _chunks.TryPeek(out var chunk) ? engine.Slice(chunk.Place + (uint)chunk.Start, (uint)(chunk.End - chunk.Start)) : [];

    /// <summary>Takes a copy of bytes, behind all others.</summary>
    /// <returns>False when the guest's memory has no room: then nothing is kept any more.</returns>
    public bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_last is null || _last.End == _last.Room)
            {
                var room = Math.Max(bytes.Length, LeastChunkBytes);
                if (!engine.TryAllocate(room, out var place))
                {
                    Clear();
                    return false;
                }

                _last = new((uint)place, room);
                _chunks.Enqueue(_last);
            }

            var piece = bytes[..Math.Min(bytes.Length, _last.Room - _last.End)];
            piece.CopyTo(engine.Slice(_last.Place + (uint)_last.End, (uint)piece.Length));
            _last.End += piece.Length;
            Bytes += piece.Length;
            bytes = bytes[piece.Length..];
        }

        return true;
    }

    /// <summary>Forgets that many of <see cref="First"/>.</summary>
    public void Drop(int count)
    {
        var chunk = _chunks.Peek();
        chunk.Start += count;
        Bytes -= count;
        if (chunk.Start == chunk.End)
        {
            Free(_chunks.Dequeue());
        }
    }

    public void Clear()
    {
        Bytes = 0;
        while (_chunks.TryDequeue(out var chunk))
        {
            Free(chunk);
        }
    }

    private void Free(Chunk chunk)
    {
        _last = chunk == _last ? null : _last;
        engine.Release((int)chunk.Place);
    }

    private sealed class Chunk(uint place, int room)
    {
        public uint Place => place;

        public int Room => room;

        public int Start { get; set; }

        public int End { get; set; }
    }
}
