using System.Runtime.InteropServices;
using Spectre.Console;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>
/// A list of services on the terminal, each line rewritten as its service gets on. The cursor is hidden meanwhile; an interrupted
/// command brings it back before it ends.
/// </summary>
internal sealed class LiveProgress(Screen screen) : IProgressDisplay
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, ProgressStep> _steps = new(StringComparer.Ordinal);

    public async Task ShowAsync(IAsyncEnumerable<StackEvent> events)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            screen.WriteError("\e[?25h"u8);
            Environment.Exit(ExitCodes.Interrupted);
        });
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = screen.ErrorColors.Enabled ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Console.Error),
        });
        await console.Live(Draw()).StartAsync(async display =>
        {
            await foreach (var happened in events)
            {
                if (Take(happened))
                {
                    display.UpdateTarget(Draw());
                }
            }
        });
    }

    private bool Take(StackEvent happened)
    {
        var service = happened.Kind == StackEventKind.Preparing ? happened.Project : happened.Service;
        if (service is null || EventText.Step(happened) is not { } step)
        {
            return false;
        }

        var name = happened.Instance ?? service;
        if (_steps.TryAdd(name, step))
        {
            _names.Add(name);
        }

        _steps[name] = step;
        return true;
    }

    private Grid Draw()
    {
        var grid = new Grid().AddColumn().AddColumn().AddColumn();
        foreach (var name in _names)
        {
            var step = _steps[name];
            var (mark, style) = step.Outcome switch
            {
                ProgressOutcome.Done => ("✔", new Style(Color.Green)),
                ProgressOutcome.Failed => ("✘", new Style(Color.Red)),
                _ => ("…", new Style(Color.Yellow)),
            };
            grid.AddRow(
                new Text(mark, style),
                new Text(name),
                new Text(step.Detail.Length == 0 ? step.Text : $"{step.Text} ({step.Detail})", style));
        }

        return grid;
    }
}
