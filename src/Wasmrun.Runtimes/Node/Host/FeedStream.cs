using Wasmrun.Network.Kernel;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Bytes for a stream of .NET that come piece by piece: what is not there yet looks like an end, after which more may come. The guest can be stopped whenever more is asked for.</summary>
internal sealed class FeedStream(StopSignal stop) : Stream
{
    private byte[] _bytes = [];
    private int _read;

    /// <summary>Whether more was asked for than there was, since this was last set to false.</summary>
    public bool RanOut { get; set; }

    /// <summary>Memory that is held, by what nobody has read yet and by what was fed together with it.</summary>
    public long HeldBytes => _bytes.Length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        // Memory of just that length, so that what was once long keeps none.
        _bytes = [.. _bytes.AsSpan(_read), .. bytes];
        _read = 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        stop.ThrowIfRequested();
        var count = Math.Min(buffer.Length, _bytes.Length - _read);
        _bytes.AsSpan(_read, count).CopyTo(buffer);
        _read += count;
        RanOut |= count == 0;
        if (_read == _bytes.Length)
        {
            (_bytes, _read) = ([], 0);
        }

        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
