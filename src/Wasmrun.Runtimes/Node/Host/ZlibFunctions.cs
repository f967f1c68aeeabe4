using System.IO.Compression;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Compression through .NET's: one stream of .NET per stream of the guest, written to piece by piece.</summary>
internal sealed class ZlibFunctions
{
    /// <summary>What comes out at a time.</summary>
    private const uint InflatedBytes = 65536;

    /// <summary>Streams that a guest may have open: each holds memory of the host, not of the guest.</summary>
    private const int MostStreams = 512;

    private readonly Dictionary<int, Codec> _codecs = [];
    private readonly Dictionary<int, Inflation> _inflations = [];
    private int _last;

    public void Register(HostTable table)
    {
        table.AddLasting("zlibOpen", (in HostCall call) =>
        {
            _codecs.Add(Next(), new(call.Text(0), call.Int(1)));
            return JsValue.From(_last);
        });
        table.AddLasting("zlibCompress", Compress);
        table.AddLasting("inflateOpen", (in HostCall call) =>
        {
            _inflations.Add(Next(), new(call.Text(0)));
            return JsValue.From(_last);
        });
        table.AddLasting("inflateFeed", (in HostCall call) =>
        {
            var bytes = call.Bytes(1);
            ThrowIfTooMuchWaits(call.Engine, bytes.Length);
            Find(_inflations, call).Feed(bytes);
            return JsValue.Undefined;
        });
        table.AddLasting("inflateRead", (in HostCall call) =>
        {
            var count = Find(_inflations, call).Read(call.Engine.Slice(call.Engine.Scratch, InflatedBytes));
            return count == 0 ? JsValue.Null : call.Engine.NewBytes(call.Engine.Scratch, (uint)count);
        });
        table.AddLasting("inflateIsWhole", (in HostCall call) => JsValue.From(Find(_inflations, call).IsWhole()));
        table.AddLasting("zlibClose", (in HostCall call) =>
        {
            if (_inflations.Remove(call.Int(0), out var inflation))
            {
                inflation.Dispose();
            }

            if (_codecs.Remove(call.Int(0), out var codec))
            {
                codec.Dispose();
            }

            return JsValue.Undefined;
        });
    }

    private int Next() => _codecs.Count + _inflations.Count < MostStreams
        ? ++_last
        : throw new HostErrorException("ERR_ZLIB_INITIALIZATION_FAILED", $"Initialization failed: {MostStreams} streams are open, the most that a wasmrun sandbox allows");

    /// <summary>What waits to be unpacked is a copy of what the guest had, so it cannot honestly be more than the guest's memory.</summary>
    private void ThrowIfTooMuchWaits(QuickJs engine, long bytes)
    {
        foreach (var inflation in _inflations.Values)
        {
            bytes += inflation.Waiting;
        }

        if (bytes > engine.MemoryBytes)
        {
            throw new HostErrorException("Z_MEM_ERROR", "not enough memory: more waits to be unpacked than the guest has memory");
        }
    }

    private static T Find<T>(Dictionary<int, T> codecs, in HostCall call)
        where T : class =>
        codecs.GetValueOrDefault(call.Int(0)) ?? throw new HostErrorException("ERR_STREAM_DESTROYED", "the stream is closed");

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

    /// <summary>Arguments: codec, data, 0 go on, 1 flush, 2 finish. Answers what has come out.</summary>
    private JsValue Compress(in HostCall call)
    {
        var codec = Find(_codecs, call);
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
