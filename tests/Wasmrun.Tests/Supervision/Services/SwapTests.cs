using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

public sealed class SwapTests
{
    private static readonly RestartSpec s_always = RestartSpec.Never with { Policy = RestartPolicy.Always, Jitter = false };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Swap_WarmsUpBesideTheOldInstanceAndTakesOverWhenItListens()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        var swapping = web.SwapAsync(Stage.Order(web.Spec), Token);
        var next = await stage.Host.NextInstanceAsync();

        Assert.Equal((true, false), (old.TakesClients, next.TakesClients));
        Assert.Equal((ServicePhase.Running, HealthState.Healthy, 1), (web.State.Phase, web.State.Health, web.State.Generation));
        next.Listen(3000);

        Assert.True((await swapping).Succeeded);
        Assert.Equal((false, true), (old.TakesClients, next.TakesClients));
        Assert.Equal((ServicePhase.Running, HealthState.Healthy, 2), (web.State.Phase, web.State.Health, web.State.Generation));
        Assert.Equal(1, (await stage.HearsAsync(web, StackEventKind.Drained)).Generation);
        Assert.True(old.IsTold);
        Assert.False(next.IsTold);
        Assert.False(Assert.Single(stage.Host.Bindings).IsClosed);
        Assert.DoesNotContain(await stage.ToldOfAsync(web), told => told.Kind is StackEventKind.Stopping or StackEventKind.Exited or StackEventKind.Unhealthy);
    }

    [Fact]
    public async Task Swap_WithoutForwards_WaitsUntilTheNewInstanceListensAsTheOldOneDoes()
    {
        await using var stage = new Stage();
        var (db, old) = await stage.StartAsync(Written.Service("db"));
        old.Listen(5432);
        await Stage.ReachesAsync(db, state => state.Health == HealthState.Healthy);

        var swapping = db.SwapAsync(Stage.Order(db.Spec), Token);
        var next = await stage.Host.NextInstanceAsync();
        Assert.Equal((true, false), (old.TakesClients, swapping.IsCompleted));
        next.Listen(5432);

        Assert.True((await swapping).Succeeded);
        Assert.Equal((HealthState.Healthy, 2), (db.State.Health, db.State.Generation));
    }

    [Fact]
    public async Task Swap_OfAWorkerThatListensOnNothing_TakesOverAtOnce()
    {
        await using var stage = new Stage();
        var (worker, _) = await stage.StartAsync(Written.Service("worker"));

        Assert.True((await worker.SwapAsync(Stage.Order(worker.Spec), Token)).Succeeded);
        Assert.Equal((HealthState.None, 2), (worker.State.Health, worker.State.Generation));
    }

    [Fact]
    public async Task Swap_WithTheLongestTimesOfAManifest_WaitsNoLongerThanTimersHold()
    {
        await using var stage = new Stage();
        var patient = HealthcheckSpec.Of(new ProbeSpec.Tcp(3000)) with
        {
            Interval = DurationParser.Longest,
            Timeout = DurationParser.Longest,
            StartPeriod = DurationParser.Longest,
            Retries = 1000,
        };
        var (web, old) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000) with { Healthcheck = patient });
        old.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        var swapping = web.SwapAsync(Stage.Order(web.Spec), Token);
        (await stage.Host.NextInstanceAsync()).Listen(3000);

        Assert.True((await swapping).Succeeded);
    }

    [Fact]
    public async Task OldInstance_StopsListeningBeforeTheSwapIsTold_AndIsNotJudgedByThat()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        old.Leaving = () => old.StopListening(3000);

        var swapping = web.SwapAsync(Stage.Order(web.Spec), Token);
        (await stage.Host.NextInstanceAsync()).Listen(3000);

        Assert.True((await swapping).Succeeded);
        var told = (await stage.ToldOfAsync(web)).Select(told => told.Kind).ToList();
        Assert.DoesNotContain(StackEventKind.Unhealthy, told);
        Assert.True(told.IndexOf(StackEventKind.StoppedListening) < told.IndexOf(StackEventKind.Swapped));
    }

    [Fact]
    public async Task OldInstance_EndsWhenItsLastClientHasGone()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        old.Clients = 2;
        await SwapAsync(stage, web);

        await stage.Time.PassDelayAsync();
        await stage.Time.NextDelayAsync();
        Assert.False(old.IsTold);
        Assert.True(old.IdleEnds > 0);
        old.Clients = 0;
        stage.Time.Advance(TimeSpan.FromSeconds(1));

        await stage.HearsAsync(web, StackEventKind.Drained);
        Assert.True(old.IsTold);
    }

    [Fact]
    public async Task OldInstance_EndsAtTheEndOfTheGracePeriodWhateverItsClients()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        old.Clients = 2;
        await SwapAsync(stage, web);
        await stage.Time.NextDelayAsync();

        stage.Time.Advance(web.Spec.StopGracePeriod);

        await stage.HearsAsync(web, StackEventKind.Drained);
        Assert.Equal(ServicePhase.Running, web.State.Phase);
    }

    [Theory]
    [InlineData("exit", "serves on as it was: the new instance exited with code 3 before it was ready")]
    [InlineData("trap", "serves on as it was: the new instance trapped: unreachable before it was ready")]
    [InlineData("fail", "serves on as it was: the new instance could not run: no start function before it was ready")]
    [InlineData("wait", "serves on as it was: the new instance did not listen on 3000 within 60 s")]
    public async Task NewInstance_ThatDoesNotComeUp_LeavesTheOldOneServing(string way, string reason)
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        var order = Stage.Order(web.Spec.With("LOG", "debug"));
        var swapping = web.SwapAsync(order, Token);
        var next = await stage.Host.NextInstanceAsync();

        switch (way)
        {
            case "exit":
                next.Exit(3);
                break;
            case "trap":
                next.Trap("unreachable");
                break;
            case "fail":
                next.Fail("no start function");
                break;
            default:
                stage.Time.Advance(ObservedTime.WarmUp);
                break;
        }

        Assert.Equal(reason, (await swapping).Failure);
        Assert.Equal((true, false), (old.TakesClients, old.IsTold));
        Assert.True(next.IsDisposed);
        Assert.Equal((ServicePhase.Running, HealthState.Healthy, 1, reason), (web.State.Phase, web.State.Health, web.State.Generation, web.State.Reason));
        Assert.Equal(order, web.Refused);
        Assert.NotEqual(order, web.Order);
        Assert.Equal(2, (await stage.HearsAsync(web, StackEventKind.SwapFailed)).Generation);
    }

    [Fact]
    public async Task Swap_AfterAFailedOne_Succeeds()
    {
        await using var stage = new Stage();
        var (web, _) = await StartAsync(stage);
        var failing = web.SwapAsync(Stage.Order(web.Spec), Token);
        (await stage.Host.NextInstanceAsync()).Exit(1);
        await failing;

        await SwapAsync(stage, web);

        Assert.Equal((3, null, null), (web.State.Generation, web.State.Reason, web.Refused));
    }

    [Fact]
    public async Task CrashOfTheOldInstanceWhileTheNewOneWarmsUp_IsRestartedAndThenSwapped()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage, s_always);
        var swapping = web.SwapAsync(Stage.Order(web.Spec), Token);
        var next = await stage.Host.NextInstanceAsync();

        old.Exit(1);
        await Stage.ReachesAsync(web, ServicePhase.Restarting);
        next.Listen(3000);

        Assert.True((await swapping).Succeeded);
        Assert.Equal((ServicePhase.Running, 2, 0), (web.State.Phase, web.State.Generation, web.State.Restarts));
        stage.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, stage.Host.Instances.Count);
    }

    [Fact]
    public async Task CrashOfTheOldInstanceWhileItDrains_IsNoStateOfTheService()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage, s_always);
        old.Clients = 1;
        await SwapAsync(stage, web);

        old.Exit(1);

        Assert.Equal("the former instance exited with code 1", (await stage.HearsAsync(web, StackEventKind.Drained)).Cause);
        Assert.Equal((ServicePhase.Running, HealthState.Healthy, null), (web.State.Phase, web.State.Health, web.State.ExitCode));
        Assert.Equal(2, stage.Host.Instances.Count);
    }

    [Fact]
    public async Task CrashOfTheNewInstanceAfterTheSwap_IsRestartedByThePolicy()
    {
        await using var stage = new Stage();
        var (web, _) = await StartAsync(stage, s_always);
        var next = await SwapAsync(stage, web);

        next.Exit(1);
        await Stage.ReachesAsync(web, state => state.Restarts == 1);
        while (stage.Host.Instances.Count < 3)
        {
            stage.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await stage.Host.NextInstanceAsync();
        Assert.Equal((ServicePhase.Running, 3, 1), (web.State.Phase, web.State.Generation, web.State.Restarts));
    }

    [Fact]
    public async Task Stop_EndsTheNewInstanceAndThoseThatStillDrain()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        old.Clients = 1;
        var next = await SwapAsync(stage, web);

        Assert.True(await web.StopAsync(TimeSpan.Zero, Token));

        Assert.True(old.IsDisposed);
        Assert.True(next.IsDisposed);
        Assert.Equal(ServicePhase.Stopped, web.State.Phase);
    }

    [Fact]
    public async Task CancelledSwap_EndsTheNewInstanceAndLeavesTheOldOne()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var swapping = web.SwapAsync(Stage.Order(web.Spec), cancelling.Token);
        var next = await stage.Host.NextInstanceAsync();

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => swapping);
        Assert.True(next.IsDisposed);
        Assert.False(old.IsTold);
        Assert.Equal((ServicePhase.Running, 1), (web.State.Phase, web.State.Generation));
    }

    [Fact]
    public async Task ServiceThatDoesNotServe_IsRestartedInstead()
    {
        await using var stage = new Stage();
        var (web, instance) = await StartAsync(stage, s_always);
        instance.Exit(1);
        await Stage.ReachesAsync(web, ServicePhase.Restarting);

        Assert.True((await web.SwapAsync(Stage.Order(web.Spec), Token)).Succeeded);

        Assert.Equal((ServicePhase.Running, 2), (web.State.Phase, web.State.Generation));
        Assert.DoesNotContain(await stage.ToldOfAsync(web), told => told.Kind == StackEventKind.Swapping);
    }

    [Fact]
    public async Task SwapsInQuickSuccession_DoNotPileUp()
    {
        await using var stage = new Stage();
        var (web, instance) = await StartAsync(stage);
        for (var i = 0; i < 4; i++)
        {
            instance.Clients = 1;
            instance = await SwapAsync(stage, web);
        }

        instance.Clients = 1;
        var fifth = web.SwapAsync(Stage.Order(web.Spec), Token);
        Assert.Equal(5, stage.Host.Instances.Count);
        stage.Host.Instances.First().Exit(0);
        (await stage.Host.NextInstanceAsync()).Listen(3000);

        Assert.True((await fifth).Succeeded);
    }

    [Fact]
    public async Task StartAfterAStopThatNobodyWaitsFor_DoesNotWaitForFormerInstances()
    {
        await using var stage = new Stage();
        var (web, old) = await StartAsync(stage);
        old.Clients = 1;
        await SwapAsync(stage, web);
        using var overruled = new CancellationTokenSource();
        var stopping = web.StopAsync(null, overruled.Token);
        await Stage.ReachesAsync(web, ServicePhase.Stopped);
        await overruled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);

        var outcome = await web.StartAsync(Stage.Order(web.Spec), Token).WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.True(outcome.Succeeded);
        Assert.False(old.IsTold);
    }

    private static async Task<(ServiceSupervisor Service, FakeInstance Instance)> StartAsync(Stage stage, RestartSpec? restart = null)
    {
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000) with { Restart = restart ?? RestartSpec.Never });
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        return (web, instance);
    }

    private static async Task<FakeInstance> SwapAsync(Stage stage, ServiceSupervisor web)
    {
        var swapping = web.SwapAsync(Stage.Order(web.Spec), Token);
        var next = await stage.Host.NextInstanceAsync();
        next.Listen(3000);
        Assert.True((await swapping).Succeeded);
        return next;
    }
}
