using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wasmrun.Reconciliation;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Running.Telemetry;

/// <summary>Hands the lines of all guests to the log exporter, which drops what a collector is too slow for.</summary>
internal sealed class GuestLogExport(StackReconciler stack, ILoggerFactory loggers) : BackgroundService
{
    /// <summary>Of the log records.</summary>
    internal const string Category = "wasmrun.guest";

    private IAsyncEnumerable<LogLine>? _lines;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anything is started: the reading below begins when a thread is free.
        _lines = stack.ReadLogsAsync(new LogQuery { Follow = true, Tail = 0 }, CancellationToken.None);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logger = loggers.CreateLogger(Category);
        await foreach (var line in _lines!.WithCancellation(stoppingToken))
        {
            var text = Encoding.UTF8.GetString(line.Bytes.Span);
            IReadOnlyList<KeyValuePair<string, object?>> attributes =
            [
                new("wasmrun.service", line.Service),
                new("container.name", line.Instance),
                new("log.iostream", line.Stream == GuestStream.Error ? "stderr" : "stdout"),
            ];
            logger.Log(LogLevel.Information, default, attributes, exception: null, (_, _) => text);
        }
    }
}
