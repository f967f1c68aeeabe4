using System.Buffers;
using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Rendering;

/// <summary>Lines on the first stream, in whatever form <paramref name="render"/> gives them.</summary>
internal sealed class RenderedLines(Screen screen, Action<LogLine, IBufferWriter<byte>> render) : ILineSink
{
    private const int FlushAtBytes = 64 * 1024;
    private readonly ArrayBufferWriter<byte> _pending = new();

    public long LastTaken => screen.OutputTaken;

    public void Add(LogLine line)
    {
        render(line, _pending);
        if (_pending.WrittenCount >= FlushAtBytes)
        {
            Flush();
        }
    }

    public void Flush()
    {
        if (_pending.WrittenCount > 0)
        {
            screen.WriteOutput(_pending.WrittenSpan);
            _pending.ResetWrittenCount();
        }
    }
}
