using Wasmrun.Cli.Terminal;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>One line for each step of each service.</summary>
internal sealed class LineProgress(Screen screen) : IProgressDisplay
{
    public async Task ShowAsync(IAsyncEnumerable<StackEvent> events)
    {
        await foreach (var happened in events)
        {
            if (happened.Kind == StackEventKind.Preparing)
            {
                screen.Tell(happened.Cause);
            }
            else if (happened.Service is { } service && EventText.Step(happened) is { } step)
            {
                var detail = step.Detail.Length == 0 ? string.Empty : $" ({step.Detail})";
                screen.Tell($"{happened.Instance ?? service}  {Paint(step)}{detail}");
            }
        }
    }

    private string Paint(ProgressStep step) => step.Outcome switch
    {
        ProgressOutcome.Done => screen.ErrorColors.Good(step.Text),
        ProgressOutcome.Failed => screen.ErrorColors.Error(step.Text),
        _ => step.Text,
    };
}
