using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>Shows nothing; the outcome is still reported by the command.</summary>
internal sealed class QuietProgress : IProgressDisplay
{
    public async Task ShowAsync(IAsyncEnumerable<StackEvent> events)
    {
        await foreach (var _ in events)
        {
            // Read, so that the sender is not held up.
        }
    }
}
