using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

public sealed class WaitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static readonly ServiceSpec s_loop = Written.Service("loop") with { Restart = RestartSpec.Never with { Policy = RestartPolicy.Always, Jitter = false } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ready_IsHealthyOrEndedWithSuccess()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000), Written.Service("init"), Written.Service("worker"));
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);
        runner.Instance("init").Exit(0);
        await runner.ReachesAsync("init", ServicePhase.Exited);
        Assert.False(waiting.IsCompleted);

        runner.Instance("web").Listen(3000);

        // With every event the worker is judged anew and what is left of its second waited for anew.
        var reached = Assert.IsType<WaitResult.Reached>(await runner.Time.PassDelaysUntilAsync(waiting));
        Assert.Equal(0, reached.ExitCodes["init"]);
    }

    [Fact]
    public async Task Ready_OfAServiceThatNothingIsToldOf_IsThatItHasRunForASecond()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("worker"));
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);
        Assert.Equal(TimeSpan.FromSeconds(1), await runner.Time.NextDelayAsync());
        runner.Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(waiting.IsCompleted);

        runner.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.IsType<WaitResult.Reached>(await Runner.InTime(waiting));
    }

    [Fact]
    public async Task Ready_OfAServiceThatHasCrashed_IsThatItHasRunForTenSeconds()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_loop);
        await CrashAsync(runner);
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);
        Assert.Equal(TimeSpan.FromSeconds(10), await runner.Time.NextDelayAsync());
        runner.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(waiting.IsCompleted);

        runner.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<WaitResult.Reached>(await Runner.InTime(waiting));
    }

    [Fact]
    public async Task Ready_FailsWhenAServiceThatNothingIsToldOfCrashesAgainAndAgain()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_loop);
        for (var crash = 1; crash < 5; crash++)
        {
            await CrashAsync(runner);
        }

        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);
        Assert.False(waiting.IsCompleted);
        runner.Instance("loop").Print("no such table");
        runner.Instance("loop").Exit(3);

        var failure = Assert.Single(Assert.IsType<WaitResult.Failed>(await Runner.InTime(waiting)).Failures);
        Assert.Equal(("loop", 3), (failure.Service, failure.ExitCode));
        Assert.Equal("exited with code 3, 5 times in a row, and is restarted again; 'wasmrun logs loop' shows what it printed", failure.Reason);
        Assert.Equal(["no such table"], failure.LastLines, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Ready_FailsForNoCrashesOfLongAgo()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_loop);
        for (var crash = 1; crash < 9; crash++)
        {
            await CrashAsync(runner);
        }

        runner.Time.Advance(s_loop.Restart.Window);
        await CrashAsync(runner, isRestarted: false);
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);

        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task Ready_IsAServiceThatEndsWithSuccessAgainAndAgain()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_loop);
        runner.Instance("loop").Exit(0);
        await runner.ReachesAsync("loop", ServicePhase.Restarting);

        Assert.IsType<WaitResult.Reached>(await Runner.InTime(runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token)));
    }

    [Fact]
    public async Task Ready_WaitsForAServiceWithAForwardHoweverOftenItCrashes()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_loop.Forwarding(8080, 3000));
        for (var crash = 1; crash < 9; crash++)
        {
            await CrashAsync(runner);
        }

        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);
        Assert.False(waiting.IsCompleted);
        runner.Instance("loop").Listen(3000);

        Assert.IsType<WaitResult.Reached>(await Runner.InTime(waiting));
    }

    [Fact]
    public async Task Ready_FailsAsSoonAsAServiceCannotGetThere()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000), Written.Service("init"));
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);

        runner.Instance("init").Print("no permission");
        runner.Instance("init").Exit(2);

        var failure = Assert.Single(Assert.IsType<WaitResult.Failed>(await Runner.InTime(waiting)).Failures);
        Assert.Equal(("init", "exited with code 2", 2), (failure.Service, failure.Reason, failure.ExitCode));
        Assert.Equal(["no permission"], failure.LastLines, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Timeout_NamesWhoIsMissing()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000), Written.Service("worker"));
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ready, [], TimeSpan.FromMinutes(2), Token);

        await runner.Time.HasDelayAsync();
        runner.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(["web"], Assert.IsType<WaitResult.TimedOut>(await Runner.InTime(waiting)).Missing, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Ended_GivesEveryExitCode()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("one"), Written.Service("two"), Written.Service("three"));
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ended, ["one", "two"], null, Token);

        runner.Instance("one").Exit(4);
        runner.Instance("two").Trap("unreachable");

        var codes = Assert.IsType<WaitResult.Reached>(await Runner.InTime(waiting)).ExitCodes;
        Assert.Equal((4, 134, 2), (codes["one"], codes["two"], codes.Count));
    }

    [Fact]
    public async Task Ended_IsNotMetByARestartOnRequest()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ended, [], null, Token);

        for (var round = 0; round < 20; round++)
        {
            await Runner.InTime(runner.Stack.RestartAsync(["web"], null, Token));
        }

        Assert.False(waiting.IsCompleted);
        runner.Instance("web").Exit(0);
        await Runner.InTime(waiting);
    }

    private static async Task CrashAsync(Runner runner, bool isRestarted = true)
    {
        var generation = runner.Status("loop").Generation;
        runner.Instance("loop").Exit(3);
        await runner.ReachesAsync("loop", ServicePhase.Restarting);
        if (isRestarted)
        {
            await runner.Time.PassDelayAsync();
            await runner.ReachesAsync("loop", ServicePhase.Running);
            Assert.Equal(generation + 1, runner.Status("loop").Generation);
        }
    }

    [Fact]
    public async Task UnknownNames_AreNotWaitedFor()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));

        Assert.IsType<WaitResult.UnknownServices>(await runner.Stack.WaitForAsync(WaitCondition.Ready, ["wbe"], null, Token));
    }
}
