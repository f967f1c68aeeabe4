using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

public sealed class ReadinessTests
{
    private static readonly RestartSpec s_always = RestartSpec.Never with { Policy = RestartPolicy.Always, Jitter = false };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_IsHealthyWhenItListensOnEveryPortThatAForwardTargets()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000).Forwarding(8081, 3000).Forwarding(9090, 4000));

        Assert.Equal(HealthState.Starting, web.State.Health);
        instance.Listen(3000);
        instance.Listen(5000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Starting);
        instance.Listen(4000);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        Assert.Contains(await stage.ToldOfAsync(web), told => told.Kind == StackEventKind.Listening && told.Attributes["port"] == "5000");
    }

    [Fact]
    public async Task Service_ThatNoLongerListens_IsUnhealthyAndCanRecover()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        instance.StopListening(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Unhealthy);
        instance.Listen(3000);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
    }

    [Fact]
    public async Task Service_WithoutForwards_IsHealthyWhileItListensOnAnything()
    {
        await using var stage = new Stage();
        var (db, instance) = await stage.StartAsync(Written.Service("db"));

        Assert.Equal(HealthState.None, db.State.Health);
        instance.Listen(5432);
        await Stage.ReachesAsync(db, state => state.Health == HealthState.Healthy);
        instance.StopListening(5432);
        await Stage.ReachesAsync(db, state => state.Health == HealthState.None);
        instance.Listen(5433);

        await Stage.ReachesAsync(db, state => state.Health == HealthState.Healthy);
        var told = await stage.ToldOfAsync(db);
        Assert.Equal(["listens on 5432", "listens on 5433"], told.Where(told => told.Kind == StackEventKind.Healthy).Select(told => told.Cause));
        Assert.DoesNotContain(told, told => told.Kind == StackEventKind.Unhealthy);
    }

    [Fact]
    public async Task GuestThatListensAgainAndAgain_DoesNotFillTheStream()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));

        for (var i = 0; i < 1000; i++)
        {
            instance.Listen(5000);
            instance.StopListening(5000);
        }

        var told = await ListeningAsync();
        Assert.Equal(EventBound.Most, told.Count);
        Assert.Equal("the guest no longer listens on 5000; more like this in the next 60 s are not told", told[^1]);
        stage.Time.Advance(EventBound.Window);
        instance.Listen(6000);
        Assert.Equal("the guest listens on 6000; 1940 like this before were not told", (await ListeningAsync())[^1]);

        async Task<List<string>> ListeningAsync() =>
            [.. (await stage.ToldOfAsync(web)).Where(entry => entry.Kind is StackEventKind.Listening or StackEventKind.StoppedListening).Select(entry => entry.Cause)];
    }

    [Fact]
    public async Task ClientsThatAreGivenUpAgainAndAgain_DoNotFillTheStream()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        var host = stage.Host.Service("web");

        for (var i = 0; i < 100; i++)
        {
            host.Observer.HoldExpired(8080, 1);
            host.Observer.PeerHoldExpired(3000, 1);
        }

        Assert.Equal(EventBound.Most, (await stage.ToldOfAsync(web)).Count(told => told.Kind == StackEventKind.HoldExpired));
    }

    [Fact]
    public async Task HealthThatChangesAgainAndAgain_IsLookedAtLess()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web"));
        for (var i = 0; i < EventBound.Most / 2; i++)
        {
            instance.Listen(5000);
            await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
            instance.StopListening(5000);
            await Stage.ReachesAsync(web, state => state.Health == HealthState.None);
        }

        stage.Time.Advance(TimeSpan.FromSeconds(1));
        instance.Listen(5000);
        var left = await stage.Time.NextDelayAsync();
        Assert.Equal(EventBound.Window - TimeSpan.FromSeconds(1), left);
        instance.StopListening(5000);
        Assert.Equal(HealthState.Healthy, web.State.Health);
        stage.Time.Advance(left);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.None);
    }

    [Fact]
    public async Task Service_WithoutForwardsThatNeverListens_HasNoHealth()
    {
        await using var stage = new Stage();
        var (worker, instance) = await stage.StartAsync(Written.Service("worker"));

        instance.Exit(0);

        await Stage.ReachesAsync(worker, ServicePhase.Exited);
        Assert.DoesNotContain(await stage.ToldOfAsync(worker), told => told.Kind is StackEventKind.Healthy or StackEventKind.Unhealthy);
    }

    [Fact]
    public async Task Service_ThatHasNotListenedForLong_IsRestartedWhenItsPolicySaysSo()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000) with { Restart = s_always });
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        instance.StopListening(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Unhealthy);
        await stage.Time.PassDelayAsync();

        await Stage.ReachesAsync(web, ServicePhase.Restarting);
        Assert.Equal("was unhealthy: no longer listens on 3000", (await stage.HearsAsync(web, StackEventKind.Exited)).Cause);
        Assert.True(instance.IsTold);
    }

    [Fact]
    public async Task Service_ThatListensAgainInTime_IsNotRestarted()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000) with { Restart = s_always });
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        instance.StopListening(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Unhealthy);
        await stage.Time.NextDelayAsync();

        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        stage.Time.Advance(TimeSpan.FromMinutes(2));

        instance.Exit(0);
        Assert.Equal("exited with code 0", (await stage.HearsAsync(web, StackEventKind.Exited)).Cause);
    }

    [Fact]
    public async Task Service_ThatHasNotListenedForLong_RunsOnWhenItsPolicyRestartsNothing()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        instance.StopListening(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Unhealthy);
        await stage.Time.PassDelayAsync();

        instance.Listen(3000);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        Assert.Equal((1, false), (web.State.Generation, web.State.NeverBecameHealthy));
    }

    [Fact]
    public async Task EndedService_HasNoHealth()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        instance.Exit(0);

        Assert.Equal(HealthState.None, (await Stage.ReachesAsync(web, ServicePhase.Exited)).Health);
    }

    [Fact]
    public async Task ForwardThatNobodyServes_IsToldWithWhatIsListenedOn()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        instance.Listen(5000);

        stage.Time.Advance(ObservedTime.Patience);

        var notice = await stage.HearsAsync(web, StackEventKind.NotListening);
        Assert.Equal("forwards target 3000, but the guest listens on 5000", notice.Cause);
        Assert.Equal(("3000", "5000"), (notice.Attributes["missing"], notice.Attributes["listening"]));
        Assert.Equal((HealthState.Starting, notice.Cause), (web.State.Health, web.State.Reason));
        instance.Listen(3000);
        Assert.Null((await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy)).Reason);
    }

    [Fact]
    public async Task Guest_ThatListensElsewhereForLong_IsNotWaitedForAndMayStillCome()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        instance.Listen(5000);
        stage.Time.Advance(ObservedTime.Patience);
        await stage.HearsAsync(web, StackEventKind.NotListening);

        stage.Time.Advance(ObservedTime.WarmUp - ObservedTime.Patience);

        var given = await Stage.ReachesAsync(web, state => state.NeverBecameHealthy);
        Assert.Equal((HealthState.Starting, "forwards target 3000, but the guest listens on 5000"), (given.Health, given.Reason));
        instance.Listen(3000);
        var come = await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        Assert.Equal((false, null), (come.NeverBecameHealthy, come.Reason));
    }

    [Fact]
    public async Task Guest_ThatListensNowhereYet_IsWaitedFor()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        stage.Time.Advance(ObservedTime.Patience);
        await stage.HearsAsync(web, StackEventKind.NotListening);

        stage.Time.Advance(ObservedTime.WarmUp);
        instance.Listen(3000);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        Assert.Single(await stage.ToldOfAsync(web), told => told.Kind == StackEventKind.NotListening);
    }

    [Fact]
    public async Task ForwardAddedToARunningService_IsJudgedToo()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        var more = stage.Host.Reserve([new("web", [System.Net.IPAddress.Loopback], 8081, [], 4000, default, Written.Somewhere, null)]);
        web.Adopt(web.Spec, "", more.Forwards);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Unhealthy);
        web.Rebind(web.Spec);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        Assert.Equal([8080], stage.Host.Bound.Keys);
    }

    [Fact]
    public async Task Status_ShowsHowToReachTheService()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000));
        stage.Host.Service("web").WaitingClients = 3;

        var status = web.Statuses[0];

        Assert.Equal(("shop", "web", "web-1", "/shop/web.wasm", 3), (status.Project, status.Service, status.Name, status.Module, status.WaitingClients));
        Assert.Equal([new("127.0.0.1", 3000, 8080, "tcp")], status.Publishers);
        Assert.Equal(stage.Time.Start, status.StartedAt);
    }
}
