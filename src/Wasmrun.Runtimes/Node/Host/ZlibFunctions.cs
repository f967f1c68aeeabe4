using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Compression through .NET's: one stream of .NET per stream of the guest, written to piece by piece.</summary>
internal sealed class ZlibFunctions(DrivenGuest guest) : IDisposable
{
    /// <summary>What comes out at a time.</summary>
    private const uint InflatedBytes = 65536;

    /// <summary>What the streams of a guest may hold together for their work: it is memory of the host, not of the guest.</summary>
    private const long MostWorkBytes = 512L << 20;

    /// <summary>The most that is taken at a time, or waits in all.</summary>
    private const long MostBytes = 1L << 30;

    private readonly Dictionary<int, Compression> _compressions = [];
    private readonly Dictionary<int, Inflation> _inflations = [];
    private int _last;

    private long BoundOnWorkBytes => Math.Min(MostWorkBytes, guest.Options.Limits.MemoryBytes ?? MostWorkBytes);

    private long WorkBytes => _compressions.Values.Sum(stream => stream.WorkBytes) + _inflations.Values.Sum(stream => stream.WorkBytes);

    public void Register(HostTable table)
    {
        table.AddLasting("zlibOpen", (in HostCall call) =>
        {
            var (format, level) = (call.Text(0), call.Int(1));

            // Many at once are packed less tightly, so that a busy server runs out of tightness first.
            var isSmall = WorkBytes > 0 && WorkBytes + Compression.WorkBytesFor(format, level, isSmall: false) > BoundOnWorkBytes / 2;
            ThrowIfNoRoom(Compression.WorkBytesFor(format, level, isSmall));
            _compressions.Add(++_last, new(format, level, isSmall, guest.Network.Stop));
            return JsValue.From(_last);
        });
        table.AddLasting("zlibCompress", Compress);
        table.AddLasting("inflateOpen", (in HostCall call) =>
        {
            var format = call.Text(0);
            ThrowIfNoRoom(Inflation.WorkBytesFor(format));
            _inflations.Add(++_last, new(format, guest.Network.Stop));
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

            if (_compressions.Remove(call.Int(0), out var compression))
            {
                compression.Dispose();
            }

            return JsValue.Undefined;
        });
    }

    public void Dispose()
    {
        foreach (var compression in _compressions.Values)
        {
            compression.Dispose();
        }

        foreach (var inflation in _inflations.Values)
        {
            inflation.Dispose();
        }
    }

    private static T Find<T>(Dictionary<int, T> streams, in HostCall call)
        where T : class =>
        streams.GetValueOrDefault(call.Int(0)) ?? throw new HostErrorException("ERR_STREAM_DESTROYED", "the stream is closed");

    /// <summary>Arguments: stream, data, 0 go on, 1 flush, 2 finish. Answers what has come out.</summary>
    private JsValue Compress(in HostCall call)
    {
        var bytes = call.Bytes(1);
        _ = Bounds.UpTo(MostBytes, bytes.Length, "buffer");
        return call.Engine.NewBytes(Find(_compressions, call).Pack(bytes, flush: call.Int(2) == 1, end: call.Int(2) == 2));
    }

    /// <summary>One stream there always is, however little memory the guest may have.</summary>
    private void ThrowIfNoRoom(long workBytes)
    {
        if (WorkBytes > 0 && WorkBytes + workBytes > BoundOnWorkBytes)
        {
            throw new HostErrorException("ERR_ZLIB_INITIALIZATION_FAILED", "Initialization failed: the streams that are open take all the memory that a wasmrun sandbox gives them");
        }
    }

    /// <summary>What waits to be unpacked is a copy of what the guest had, so it cannot honestly be more than the guest's memory.</summary>
    private void ThrowIfTooMuchWaits(QuickJs engine, long bytes)
    {
        bytes += _inflations.Values.Sum(stream => stream.HeldBytes);
        if (bytes > Math.Min(MostBytes, engine.MemoryBytes))
        {
            throw new HostErrorException("Z_MEM_ERROR", "not enough memory: more waits to be unpacked than the guest has memory");
        }
    }
}
