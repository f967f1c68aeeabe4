using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

public sealed class StopAndRestartTests
{
    private static readonly RestartSpec s_always = new(
        RestartPolicy.Always, null, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), BackoffKind.Exponential, Jitter: false, TimeSpan.FromSeconds(60));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_IsRespectedByEveryPolicy()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());

        Assert.True(await web.StopAsync(null, Token));

        Assert.True(instance.IsTold);
        Assert.Equal((ServicePhase.Stopped, RunEnd.StoppedCode, 1), (web.State.Phase, web.State.ExitCode, web.State.Generation));
        Assert.Equal(
            [StackEventKind.Starting, StackEventKind.Started, StackEventKind.Stopping, StackEventKind.Exited, StackEventKind.Stopped],
            (await stage.ToldOfAsync(web)).Select(told => told.Kind));
    }

    [Fact]
    public async Task Stop_DuringTheDelayOfARestart_EndsTheDelay()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.Exit(3);
        await stage.Time.NextDelayAsync();

        Assert.True(await web.StopAsync(null, Token));

        Assert.Equal((ServicePhase.Stopped, 3), (web.State.Phase, web.State.ExitCode));
        stage.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(stage.Host.Instances);
    }

    [Fact]
    public async Task Start_AfterStop_BeginsANewCount()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.Exit(3);
        await stage.Time.PassDelayAsync();
        await stage.Host.NextInstanceAsync();
        await web.StopAsync(null, Token);

        await web.StartAsync(Stage.Order(web.Spec), Token);

        Assert.Equal((ServicePhase.Running, 0, 3), (web.State.Phase, web.State.Restarts, web.State.Generation));
    }

    [Fact]
    public async Task Restart_NeverClosesTheForwardAndNeverCountsAsStopped()
    {
        await using var stage = new Stage();
        var (web, first) = await stage.StartAsync(Service().Forwarding(8080, 3000));
        var binding = Assert.Single(stage.Host.Bindings);

        Assert.True((await web.RestartAsync(Stage.Order(web.Spec), Token)).Succeeded);

        Assert.True(first.IsDisposed);
        Assert.False(binding.IsClosed);
        Assert.Equal((ServicePhase.Running, 2, 0), (web.State.Phase, web.State.Generation, web.State.Restarts));
        Assert.DoesNotContain(StackEventKind.Stopped, (await stage.ToldOfAsync(web)).Select(told => told.Kind));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restart_DoesNotCountHowLongClientsWaitForTheOldInstanceToEnd(bool onAnotherNetwork)
    {
        await using var stage = new Stage();
        var (web, first) = await stage.StartAsync(Service().Forwarding(8080, 3000));
        var host = stage.Host.Service("web");
        first.Clients = 1;

        var restarting = web.RestartAsync(Stage.Order(onAnotherNetwork ? web.Spec with { Hold = TimeSpan.FromSeconds(1) } : web.Spec), Token);
        await stage.Time.HasDelayAsync();
        Assert.True(host.IsHoldPaused);
        first.Clients = 0;
        await stage.Time.PassDelayAsync();

        Assert.True((await restarting).Succeeded);
        Assert.False(stage.Host.Service("web").IsHoldPaused);
    }

    [Fact]
    public async Task Restart_DuringTheDelayOfARestart_IsAtOnce()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.Exit(3);
        await stage.Time.NextDelayAsync();

        await web.RestartAsync(Stage.Order(web.Spec), Token);

        Assert.Equal((ServicePhase.Running, 2, 0), (web.State.Phase, web.State.Generation, web.State.Restarts));
        stage.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, stage.Host.Instances.Count);
    }

    [Fact]
    public async Task Restart_WithAnotherNetwork_MovesTheForwardsOver()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(Service().Forwarding(8080, 3000));
        var binding = Assert.Single(stage.Host.Bindings);
        var changed = web.Spec with { Hold = TimeSpan.FromSeconds(1) };

        await web.RestartAsync(Stage.Order(changed), Token);

        Assert.False(binding.IsClosed);
        Assert.Equal(changed, stage.Host.Service("web").Spec);
        Assert.Same(binding, Assert.Single(web.Forwards).Binding);
    }

    [Fact]
    public async Task Restart_WithANetworkThatCannotBeMade_LeavesNoForwardListening()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(Service().Forwarding(8080, 3000));
        stage.Host.NetworkRefusal = "No space left on device";

        var outcome = await web.RestartAsync(Stage.Order(web.Spec with { Hold = TimeSpan.FromSeconds(1) }), Token);

        Assert.Equal("its network could not be made: No space left on device", outcome.Failure);
        Assert.Empty(stage.Host.Bound);
        Assert.Empty(web.Forwards);
        await stage.HearsAsync(web, StackEventKind.ForwardReleased);
    }

    [Fact]
    public async Task CrashWhileItIsStopped_IsNotRestarted()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.IsStuck = true;
        var stopping = web.StopAsync(null, Token);
        await Stage.ReachesAsync(web, ServicePhase.Stopping);

        instance.Exit(1);

        Assert.True(await stopping);
        Assert.Equal((ServicePhase.Stopped, 1), (web.State.Phase, web.State.ExitCode));
        Assert.Single(stage.Host.Instances);
    }

    [Fact]
    public async Task StuckGuest_FailsAfterTheGracePeriodAndIsNotStartedAgain()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service() with { StopGracePeriod = TimeSpan.FromSeconds(3) });
        instance.IsStuck = true;

        var stopping = web.StopAsync(null, Token);
        Assert.Equal(TimeSpan.FromSeconds(3), await stage.Time.PassDelayAsync());
        await stage.Time.PassDelayAsync();

        Assert.False(await stopping);
        Assert.Equal((ServicePhase.Failed, "its instance did not end in time"), (web.State.Phase, web.State.Reason));
        Assert.NotEmpty(stage.Host.FindLeftovers());
        Assert.Equal(
            "its former instance was told to stop and has not ended yet", (await web.StartAsync(Stage.Order(web.Spec), Token)).Failure);
        instance.Exit(0);
        await Stage.ReachesAsync(web, ServicePhase.Stopped);
    }

    [Fact]
    public async Task Kill_CutsTheGracePeriodShort()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service() with { StopGracePeriod = TimeSpan.FromHours(1) });
        instance.IsStuck = true;
        var stopping = web.StopAsync(null, Token);
        Assert.Equal(TimeSpan.FromHours(1), await stage.Time.NextDelayAsync());

        web.Kill();
        Assert.InRange(await stage.Time.PassDelayAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(10));

        Assert.False(await stopping);
        instance.Exit(0);
    }

    [Theory]
    [InlineData(60, 8)]
    [InlineData(3, 3)]
    public async Task SecondStop_MayShortenTheTimeOfTheFirstAndNotProlongIt(int grace, int ends)
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service() with { StopGracePeriod = TimeSpan.FromSeconds(8) });
        instance.IsTerminable = true;
        await GiveUpAsync(web, stage);

        var second = web.StopAsync(TimeSpan.FromSeconds(grace), Token);
        stage.Time.Advance(TimeSpan.FromSeconds(ends) - TimeSpan.FromMilliseconds(1));
        Assert.False(instance.IsTold);
        stage.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(await second.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal(ServicePhase.Stopped, web.State.Phase);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StartAfterARestartThatWasGivenUp_LeavesTheOldInstanceTheTimeItWasGiven(bool isRestart)
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service() with { StopGracePeriod = TimeSpan.FromSeconds(10) });
        instance.IsTerminable = true;
        using var overruled = new CancellationTokenSource();
        var restarting = web.RestartAsync(Stage.Order(web.Spec) with { GracePeriod = TimeSpan.FromSeconds(50) }, overruled.Token);
        await stage.Time.HasDelayAsync(TimeSpan.FromSeconds(50));
        await overruled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => restarting);

        var starting = isRestart ? web.RestartAsync(Stage.Order(web.Spec), Token) : web.StartAsync(Stage.Order(web.Spec), Token);
        stage.Time.Advance(TimeSpan.FromSeconds(49));
        Assert.False(instance.IsTold);
        stage.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await starting.WaitAsync(TimeSpan.FromSeconds(30), Token)).Succeeded);
        Assert.Equal((ServicePhase.Running, 2), (web.State.Phase, web.State.Generation));
    }

    [Fact]
    public async Task RestartAfterOneThatWasGivenUp_FailsWithItsDependencyWhenTheOldInstanceHasEnded()
    {
        await using var stage = new Stage();
        var (db, _) = await stage.StartAsync(Written.Service("db"));
        var (web, instance) = await stage.StartAsync(Service() with { DependsOn = [Written.Dependency("db")] });
        instance.IsTerminable = true;
        await GiveUpAsync(web, stage);
        await db.StopAsync(null, Token);

        var restarting = web.RestartAsync(Stage.Order(web.Spec), Token);
        Assert.Equal(ServicePhase.Stopping, web.State.Phase);
        instance.Exit(0);

        var failure = (await restarting.WaitAsync(TimeSpan.FromSeconds(30), Token)).Failure;
        Assert.StartsWith("'db', which it depends on, ", failure, StringComparison.Ordinal);
        Assert.Equal((ServicePhase.Failed, failure), (web.State.Phase, web.State.Reason));
    }

    [Fact]
    public async Task StopWhileAnInstanceIsMade_IsNotForgotten()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        stage.Host.Making = web.Kill;

        instance.Exit(3);
        await stage.Time.PassDelayAsync();

        await Stage.ReachesAsync(web, ServicePhase.Stopped);
        Assert.Equal(2, web.State.Generation);
        Assert.DoesNotContain(await stage.ToldOfAsync(web), told => told.Kind == StackEventKind.Started && told.Generation == 2);
    }

    [Fact]
    public async Task StopThatNobodyWaitsFor_GoesOnAndARestartFollowsIt()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.IsTerminable = true;
        await GiveUpAsync(web, stage);

        var restarting = web.RestartAsync(Stage.Order(web.Spec), Token);
        Assert.Single(stage.Host.Instances);
        instance.Exit(0);

        Assert.True((await restarting.WaitAsync(TimeSpan.FromSeconds(30), Token)).Succeeded);
        Assert.Equal((ServicePhase.Running, 2, 1), (web.State.Phase, web.State.Generation, instance.Terminations));
    }

    [Fact]
    public async Task RestartThatIsGivenUp_StartsNothingAndAStopFollowsIt()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.IsTerminable = true;
        using var overruled = new CancellationTokenSource();
        var restarting = web.RestartAsync(Stage.Order(web.Spec), overruled.Token);
        await stage.Time.NextDelayAsync();
        await overruled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => restarting);

        instance.Exit(0);

        Assert.True(await web.StopAsync(null, Token));
        Assert.Equal(ServicePhase.Stopped, web.State.Phase);
        Assert.Single(stage.Host.Instances);
    }

    [Fact]
    public async Task Kill_EndsARunningService()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(Service());

        web.Kill();

        await Stage.ReachesAsync(web, ServicePhase.Stopped);
    }

    [Fact]
    public async Task EventsAndState_TellTheSameStory()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service());
        instance.Exit(5);
        await stage.Time.NextDelayAsync();

        var told = await stage.ToldOfAsync(web);

        var restarting = told[^1];
        Assert.Equal(StackEventKind.Restarting, restarting.Kind);
        Assert.Equal("exited with code 5; restart 1 follows in 0.1 s", restarting.Cause);
        Assert.Equal(("web", "web-1", 1, "100"), (restarting.Service, restarting.Instance, restarting.Generation, restarting.Attributes["delay"]));
        Assert.Equal(restarting.Sequence, web.Statuses[0].EventSequence);
        Assert.Equal(told.Select(entry => entry.Sequence).Order(), told.Select(entry => entry.Sequence));
    }

    /// <summary>Begins to stop it, and waits for its end no longer.</summary>
    private static async Task GiveUpAsync(ServiceSupervisor service, Stage stage)
    {
        using var overruled = new CancellationTokenSource();
        var stopping = service.StopAsync(null, overruled.Token);
        await stage.Time.NextDelayAsync();
        await overruled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);
    }

    private static ServiceSpec Service() => Written.Service("web") with { Restart = s_always };
}
