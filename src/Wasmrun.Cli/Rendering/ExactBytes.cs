using System.Buffers;
using Wasmrun.Cli.Terminal;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Rendering;

/// <summary>
/// A guest's two streams as the process's own, byte for byte: no prefix, no line feed that the guest did not write, in the order in
/// which it wrote.
/// </summary>
internal sealed class ExactBytes(Screen screen) : ILineSink
{
    private const int FlushAtBytes = 64 * 1024;
    private readonly ArrayBufferWriter<byte> _pending = new();
    private GuestStream _stream = GuestStream.Output;

    public long Written => screen.Written;

    public void Add(LogLine line)
    {
        if (line.Stream != _stream)
        {
            Flush();
            _stream = line.Stream;
        }

        _pending.Write(line.Bytes.Span);
        if (line.Terminated)
        {
            _pending.Write("\n"u8);
        }

        if (_pending.WrittenCount >= FlushAtBytes)
        {
            Flush();
        }
    }

    public void Flush()
    {
        if (_pending.WrittenCount == 0)
        {
            return;
        }

        if (_stream == GuestStream.Output)
        {
            screen.WriteOutput(_pending.WrittenSpan);
        }
        else
        {
            screen.WriteError(_pending.WrittenSpan);
        }

        _pending.ResetWrittenCount();
    }
}
