using System.IO.Compression;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Compression through .NET's: one stream of .NET per stream of the guest, written to piece by piece.</summary>
internal sealed class ZlibFunctions
{
    private readonly Dictionary<int, Codec> _codecs = [];
    private int _last;

    public void Register(HostTable table)
    {
        table.Add("zlibOpen", (in HostCall call) =>
        {
            _codecs.Add(++_last, new(call.Text(0), call.Int(1)));
            return JsValue.From(_last);
        });
        table.Add("zlibCompress", Compress);
        table.Add("zlibDecompress", Decompress);
        table.Add("zlibIsWhole", (in HostCall call) => JsValue.From(ZlibTrailer.IsWhole(call.Text(0), call.Bytes(1), call.Bytes(2))));
        table.Add("zlibClose", (in HostCall call) =>
        {
            if (_codecs.Remove(call.Int(0), out var codec))
            {
                codec.Dispose();
            }

            return JsValue.Undefined;
        });
    }

    private static Stream Compressor(string format, int level, Stream target)
    {
        var options = new ZLibCompressionOptions { CompressionLevel = Math.Clamp(level, 0, 9) };
        return format switch
        {
            "gzip" => new GZipStream(target, options, leaveOpen: true),
            "deflate" => new ZLibStream(target, options, leaveOpen: true),
            "deflateRaw" => new DeflateStream(target, options, leaveOpen: true),
            "brotli" => new BrotliStream(target, new BrotliCompressionOptions { Quality = Math.Clamp(level, 0, 11) }, leaveOpen: true),
            _ => throw new HostErrorException("ERR_INVALID_ARG_VALUE", $"unknown format {format}"),
        };
    }

    private static Stream Decompressor(string format, Stream source) => format switch
    {
        "gzip" => new GZipStream(source, CompressionMode.Decompress, leaveOpen: true),
        "deflate" => new ZLibStream(source, CompressionMode.Decompress, leaveOpen: true),
        "deflateRaw" => new DeflateStream(source, CompressionMode.Decompress, leaveOpen: true),
        "brotli" => new BrotliStream(source, CompressionMode.Decompress, leaveOpen: true),
        _ => throw new HostErrorException("ERR_INVALID_ARG_VALUE", $"unknown format {format}"),
    };

    /// <summary>Arguments: codec, data, 0 go on, 1 flush, 2 finish. Answers what has come out.</summary>
    private JsValue Compress(in HostCall call)
    {
        var codec = _codecs[call.Int(0)];
        var stream = codec.Compressor ??= Compressor(codec.Format, codec.Level, codec.Output);
        stream.Write(call.Bytes(1));
        if (call.Int(2) == 1)
        {
            stream.Flush();
        }
        else if (call.Int(2) == 2)
        {
            stream.Dispose();
        }

        var result = call.Engine.NewBytes(codec.Output.GetBuffer().AsSpan(0, (int)codec.Output.Length));
        codec.Output.SetLength(0);
        return result;
    }

    /// <summary>Arguments: format, data, most bytes that may come out.</summary>
    private static JsValue Decompress(in HostCall call)
    {
        var bytes = call.Bytes(1).ToArray();
        using var source = new MemoryStream(bytes);
        using var target = new MemoryStream();
        var limit = (long)call.Number(2);
        try
        {
            using var stream = Decompressor(call.Text(0), source);
            var buffer = new byte[81920];
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                target.Write(buffer, 0, count);
                if (target.Length > limit)
                {
                    throw new HostErrorException("ERR_BUFFER_TOO_LARGE", $"Cannot create a Buffer larger than {limit} bytes");
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new HostErrorException("Z_DATA_ERROR", "incorrect header check");
        }

        return call.Engine.NewBytes(target.GetBuffer().AsSpan(0, (int)target.Length));
    }

    private sealed class Codec(string format, int level) : IDisposable
    {
        public string Format { get; } = format;

        public int Level { get; } = level;

        public MemoryStream Output { get; } = new();

        public Stream? Compressor { get; set; }

        public void Dispose()
        {
            Compressor?.Dispose();
            Output.Dispose();
        }
    }
}
