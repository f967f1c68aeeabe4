using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>A body of many pieces of 64 KiB, each of them another one, which is made while it is sent.</summary>
internal sealed class PieceContent : HttpContent
{
    private const int PieceBytes = 65536;

    private readonly int _count;
    private readonly bool _zipped;

    public PieceContent(int count, bool zipped)
    {
        _count = count;
        _zipped = zipped;
        if (zipped)
        {
            Headers.ContentEncoding.Add("gzip");
        }
    }

    /// <summary>The text <c>piece NUMBER</c>, a line of its own, as often as it fits.</summary>
    public static byte[] Piece(int number)
    {
        var line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"piece {number}\n"));
        var piece = new byte[PieceBytes];
        for (var at = 0; at < piece.Length; at++)
        {
            piece[at] = line[at % line.Length];
        }

        return piece;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var target = _zipped ? new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true) : stream;
        for (var number = 0; number < _count; number++)
        {
            await target.WriteAsync(Piece(number));
        }

        if (_zipped)
        {
            await target.DisposeAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = (long)_count * PieceBytes;
        return !_zipped;
    }
}
