using System.Buffers;
using System.Text;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Tests.Cli.Fakes;

/// <summary>An output that keeps what it gets, can be closed by its reader or be full, and can stop reading.</summary>
internal sealed class MemoryOutput(bool isTerminal = false) : IOutput
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private TaskCompletionSource? _paused;
    private volatile bool _closed;
    private volatile bool _full;

    public bool IsTerminal { get; } = isTerminal;

    public string? Target { get; } = Guid.NewGuid().ToString();

    internal string Text
    {
        get
        {
            lock (_bytes)
            {
                return Encoding.UTF8.GetString(_bytes.WrittenSpan);
            }
        }
    }

    internal string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal byte[] Bytes
    {
        get
        {
            lock (_bytes)
            {
                return _bytes.WrittenSpan.ToArray();
            }
        }
    }

    /// <summary>The reader goes away.</summary>
    internal void Close() => _closed = true;

    /// <summary>It takes no more, as a file on a full disk.</summary>
    internal void Fill() => _full = true;

    /// <summary>The reader stays, and reads nothing until <see cref="Resume"/>.</summary>
    internal void Pause() => _paused = new TaskCompletionSource();

    internal void Resume() => _paused?.TrySetResult();

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _paused?.Task.Wait(TestContext.Current.CancellationToken);
        if (_closed)
        {
            throw new OutputClosedException();
        }

        if (_full)
        {
            throw new OutputFailedException("No space left on device");
        }

        lock (_bytes)
        {
            _bytes.Write(bytes);
        }
    }
}
