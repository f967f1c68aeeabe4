using System.IO.Compression;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Unpacks one stream piece by piece: what a piece gives comes out before the next one is asked for, and no more than a part at a time.</summary>
internal sealed class Inflation : IDisposable
{
    /// <summary>Begins nothing that could follow, and is wrong wherever a checksum or length still has to come.</summary>
    private const byte Probe = 0xff;

    private readonly FeedStream _source;
    private readonly Stream _stream;

    public Inflation(string format, StopSignal stop)
    {
        _source = new(stop);
        WorkBytes = WorkBytesFor(format);
        _stream = format switch
        {
            "gzip" => new GZipStream(_source, CompressionMode.Decompress),
            "deflate" => new ZLibStream(_source, CompressionMode.Decompress),
            "deflateRaw" => new DeflateStream(_source, CompressionMode.Decompress),
            "brotli" => new BrotliStream(_source, CompressionMode.Decompress),
            _ => throw new HostErrorException("ERR_INVALID_ARG_VALUE", $"unknown format {format}"),
        };
    }

    /// <summary>About how much memory it takes beside what it was fed.</summary>
    public long WorkBytes { get; }

    /// <summary>Memory that is held by what was fed and has not been unpacked.</summary>
    public long HeldBytes => _source.HeldBytes;

    public static long WorkBytesFor(string format) => format == "brotli" ? 16L << 20 : 1L << 17;

    public void Feed(ReadOnlySpan<byte> bytes) => _source.Feed(bytes);

    /// <summary>Takes what comes out, up to the length of the buffer; 0 until there is more to unpack.</summary>
    /// <exception cref="HostErrorException">It is no data of this format.</exception>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public int Read(Span<byte> buffer)
    {
        _source.RanOut = false;
        try
        {
            return _stream.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new HostErrorException("Z_DATA_ERROR", "incorrect header check");
        }
    }

    /// <summary>Whether the data has come to its own end, after all that it gives was read. Nothing is to follow then.</summary>
    public bool IsWhole()
    {
        // A stream of gzip asks for another one after its end: whether it is in the middle of one shows when it gets what is none.
        Feed([Probe]);
        Span<byte> one = stackalloc byte[1];
        try
        {
            return Read(one) == 0 && !_source.RanOut;
        }
        catch (HostErrorException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _source.Dispose();
    }
}
