using System.Buffers;
using System.IO.Compression;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Packs one stream piece by piece, between which the guest can be stopped. What has come out is the guest's at once: nothing of it stays here.</summary>
internal sealed class Compression : IDisposable
{
    private const int PieceBytes = 1 << 16;
    private const int BrotliWindowBits = 22;
    private const int SmallBrotliWindowBits = 16;

    private readonly MemoryStream _output = new();
    private readonly byte[] _place = [];
    private readonly string _format;
    private readonly int _level;
    private readonly StopSignal _stop;
    private BrotliEncoder _brotli;
    private Stream? _stream;

    /// <summary>Begins a stream.</summary>
    /// <param name="isSmall">Whether to do with little memory, and to pack somewhat less tightly for it.</param>
    public Compression(string format, int level, bool isSmall, StopSignal stop)
    {
        (_format, _level, _stop, WorkBytes) = (format, Math.Clamp(level, 0, 9), stop, WorkBytesFor(format, level, isSmall));
        if (format == "brotli")
        {
            // The stream of .NET would pack what is left when it is closed, which takes up to a second and would hold up a guest that is to stop.
            _brotli = new(Math.Clamp(level, 0, 11), isSmall ? SmallBrotliWindowBits : BrotliWindowBits);
            _place = new byte[PieceBytes];
        }
    }

    /// <summary>About how much memory it takes beside what it was given.</summary>
    public long WorkBytes { get; }

    /// <summary>As measured, and rounded up.</summary>
    public static long WorkBytesFor(string format, int level, bool isSmall) =>
        format != "brotli" ? 1L << 19
        : isSmall ? 2L << 20
        : level > 6 ? 48L << 20
        : 8L << 20;

    /// <summary>Packs more bytes.</summary>
    /// <param name="flush">Whether all that was written is to come out.</param>
    /// <param name="end">Whether nothing follows.</param>
    /// <returns>What has come out, valid until the next call.</returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> bytes, bool flush, bool end)
    {
        for (; bytes.Length > PieceBytes; bytes = bytes[PieceBytes..])
        {
            Write(bytes[..PieceBytes], flush: false, end: false);
        }

        Write(bytes, flush, end);
        var result = _output.GetBuffer().AsSpan(0, (int)_output.Length);
        _output.SetLength(0);
        if (_output.Capacity > PieceBytes)
        {
            _output.Capacity = 0;
        }

        return result;
    }

    public void Dispose()
    {
        _brotli.Dispose();
        _stream?.Dispose();
        _output.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes, bool flush, bool end)
    {
        _stop.ThrowIfRequested();
        if (_format == "brotli")
        {
            WriteBrotli(bytes, flush, end);
            return;
        }

        _stream ??= Open();
        _stream.Write(bytes);
        if (end)
        {
            _stream.Dispose();
            _stream = null;
        }
        else if (flush)
        {
            _stream.Flush();
        }
    }

    private void WriteBrotli(ReadOnlySpan<byte> bytes, bool flush, bool end)
    {
        OperationStatus status;
        do
        {
            status = _brotli.Compress(bytes, _place, out var read, out var written, end);
            bytes = bytes[read..];
            _output.Write(_place, 0, written);
        }
        while (status == OperationStatus.DestinationTooSmall);

        while (flush && !end)
        {
            status = _brotli.Flush(_place, out var written);
            _output.Write(_place, 0, written);
            flush = status == OperationStatus.DestinationTooSmall;
        }

        if (status == OperationStatus.InvalidData)
        {
            throw new HostErrorException("ERR_STREAM_DESTROYED", "the stream has ended");
        }
    }

    private Stream Open()
    {
        var options = new ZLibCompressionOptions { CompressionLevel = _level };
        return _format switch
        {
            "gzip" => new GZipStream(_output, options, leaveOpen: true),
            "deflate" => new ZLibStream(_output, options, leaveOpen: true),
            "deflateRaw" => new DeflateStream(_output, options, leaveOpen: true),
            _ => throw new HostErrorException("ERR_INVALID_ARG_VALUE", $"unknown format {_format}"),
        };
    }
}
