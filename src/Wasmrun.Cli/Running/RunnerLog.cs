using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Running;

/// <summary>
/// The runner's own diagnostics on the error stream: warnings in the foreground, everything with its time in a detached runner's log.
/// Whoever logs never waits for the stream.
/// </summary>
internal sealed class RunnerLog : ILoggerProvider, IAsyncDisposable
{
    private const int Capacity = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Screen _screen;
    private readonly TimeProvider _time;
    private readonly bool _detailed;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private Task _writing = Task.CompletedTask;

    internal RunnerLog(Screen screen, TimeProvider time, bool detailed)
    {
        _screen = screen;
        _time = time;
        _detailed = detailed;
    }

    internal void Start() => _writing = Task.Run(WriteAsync);

    /// <summary>A line that is not from a logger.</summary>
    internal void Note(string line) => _lines.Writer.TryWrite(_detailed
        ? string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {line}")
        : line);

    /// <summary>A line for the log of a detached runner alone: in the foreground an event says it.</summary>
    internal void NoteDetached(string line)
    {
        if (_detailed)
        {
            Note(line);
        }
    }

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this);

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(Patience, _time));
    }

    public void Dispose() => _lines.Writer.TryComplete();

    private async Task WriteAsync()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            _screen.Tell(line);
        }
    }

    private sealed class CategoryLogger(RunnerLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (log._detailed ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var kind = logLevel >= LogLevel.Error ? "error" : logLevel == LogLevel.Warning ? "warning" : "info";
                var detail = exception is null ? string.Empty : log._detailed ? $"\n{exception}" : $" ({exception.Message})";
                log.Note($"{kind}: {formatter(state, exception)}{detail}");
            }
        }
    }
}
