using Wasmrun.Cli.Terminal;

namespace Wasmrun.Tests.Cli.Fakes;

/// <summary>The user's fingers.</summary>
internal sealed class FakeTermination : ITermination
{
    private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _insisted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Requested => _requested.Task;

    public Task Insisted => _insisted.Task;

    public void Request() => _requested.TrySetResult();

    internal void Insist() => _insisted.TrySetResult();
}
