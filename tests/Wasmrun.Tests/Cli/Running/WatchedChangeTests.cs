using Microsoft.Extensions.Time.Testing;
using Wasmrun.Cli.Running;
using Wasmrun.Supervision.Events;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Running;

/// <summary>On a clock that stands, so that nothing can be waited for in vain.</summary>
public sealed class WatchedChangeTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly FakeStack _stack = new();
    private readonly CliRun _run;

    public WatchedChangeTests() => _run = new CliRun(_project) { Time = new FakeTimeProvider() };

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task ChangeOfNothing_IsDoneAtOnce()
    {
        _stack.Services.Add(FakeStack.Status("web") with { EventSequence = 7 });

        Assert.Equal(3, await RunAsync(static () => 3));

        Assert.Empty(_run.Error.Lines);
    }

    [Fact]
    public async Task Change_IsDoneWhenItsLastEventIsShown()
    {
        _stack.Services.Add(FakeStack.Status("web"));

        await RunAsync(() =>
        {
            _stack.Publish(StackEventKind.Starting, "web");
            _stack.Publish(StackEventKind.Started, "web");
            _stack.Services[0] = _stack.Services[0] with { EventSequence = 2 };
            return 0;
        });

        Assert.Equal(["web-1  Starting", "web-1  Started"], _run.Error.Lines);
    }

    private Task<int> RunAsync(Func<int> change) =>
        new WatchedChange(_run.Scope(), _stack).RunAsync(_ => Task.FromResult(change()), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
}
