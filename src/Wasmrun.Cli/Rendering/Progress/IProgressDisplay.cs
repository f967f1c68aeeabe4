using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>Shows what a command that changes a stack is doing while it does it: <c>--progress</c>.</summary>
internal interface IProgressDisplay
{
    /// <summary>Shows events until there are no more.</summary>
    Task ShowAsync(IAsyncEnumerable<StackEvent> events);
}
