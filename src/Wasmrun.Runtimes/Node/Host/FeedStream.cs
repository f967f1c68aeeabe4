namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Bytes for a stream of .NET that come piece by piece: what is not there yet looks like an end, after which more may come.</summary>
internal sealed class FeedStream : Stream
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Whether more was asked for than there was, since this was last set to false.</summary>
    public bool RanOut { get; set; }

    /// <summary>Bytes that nobody has read yet.</summary>
    public long Waiting => _bytes.Length - _bytes.Position;

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
        if (_bytes.Position == _bytes.Length)
        {
            _bytes.SetLength(0);
        }

        var position = _bytes.Position;
        _bytes.Position = _bytes.Length;
        _bytes.Write(bytes);
        _bytes.Position = position;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = _bytes.Read(buffer);
        RanOut |= count == 0;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
