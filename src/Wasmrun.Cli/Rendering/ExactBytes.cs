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

    public long LastTaken => _stream == GuestStream.Output ? screen.OutputTaken : screen.ErrorTaken;

    public void Add(LogLine line)
    {
        Turn(line.Stream);
        _pending.Write(line.Bytes.Span);
        if (line.Terminated)
        {
            _pending.Write("\n"u8);
        }

        FlushMuch();
    }

    /// <summary>Takes output that was not cut into lines; otherwise as <see cref="Add(LogLine)"/>.</summary>
    public void Add(LogPiece piece)
    {
        Turn(piece.Stream);
        _pending.Write(piece.Bytes.Span);
        FlushMuch();
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

    private void Turn(GuestStream stream)
    {
        if (stream != _stream)
        {
            Flush();
            _stream = stream;
        }
    }

    private void FlushMuch()
    {
        if (_pending.WrittenCount >= FlushAtBytes)
        {
            Flush();
        }
    }
}
