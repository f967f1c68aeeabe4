using System.Text.Json;
using Spectre.Console;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Terminal;
using Wasmrun.Runtimes;

namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>Shows how packages are fetched as <c>--progress</c> asks: bars on a terminal, lines elsewhere.</summary>
internal static class FetchDisplay
{
    /// <summary>Works, and shows meanwhile what it reports.</summary>
    /// <param name="work">Given what it is to report to; null lets it tell in lines.</param>
    internal static Task<T> RunAsync<T>(CommandScope scope, Func<Action<FetchProgress>?, Task<T>> work) => scope.Settings.Progress switch
    {
        ProgressMode.Quiet => work(static _ => { }),
        ProgressMode.Json => work(progress => scope.Screen.Tell(JsonSerializer.Serialize(progress, CliJsonContext.Relaxed.FetchProgress))),
        ProgressMode.Tty => ShowBarsAsync(scope.Screen, work),
        ProgressMode.Auto when scope.Screen is { ErrorIsTerminal: true, ErrorColors.Enabled: true } => ShowBarsAsync(scope.Screen, work),
        _ => work(null),
    };

    private static Task<T> ShowBarsAsync<T>(Screen screen, Func<Action<FetchProgress>?, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = screen.ErrorColors.Enabled ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Console.Error),
        });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn())
            .StartAsync(async context =>
            {
                var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                return await work(progress =>
                {
                    lock (bars)
                    {
                        if (!bars.TryGetValue(progress.Package, out var bar))
                        {
                            bars[progress.Package] = bar = context.AddTask(Markup.Escape(progress.Package));
                        }

                        bar.IsIndeterminate = progress.Total is null;
                        bar.MaxValue = Math.Max(progress.Total ?? progress.Received, 1);
                        bar.Value = progress.Received;
                    }
                });
            });
    }
}
