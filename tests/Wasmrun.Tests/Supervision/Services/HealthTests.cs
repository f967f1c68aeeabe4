using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

public sealed class HealthTests
{
    private static readonly RestartSpec s_always = RestartSpec.Never with { Policy = RestartPolicy.Always, Jitter = false };

    private static readonly HealthcheckSpec s_tcp = HealthcheckSpec.Of(new ProbeSpec.Tcp(3000)) with
    {
        Interval = TimeSpan.FromSeconds(10),
        StartInterval = TimeSpan.FromSeconds(2),
        Retries = 2,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ProbedService_IsHealthyWithTheFirstGoodAnswerAndNeedsNoForward()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web") with { Healthcheck = s_tcp });
        Assert.Equal(HealthState.Starting, web.State.Health);

        instance.Listen(3000);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
    }

    [Fact]
    public async Task ListeningService_IsNotHealthyBeforeItsProbeSaysSo()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(
            Written.Service("web").Forwarding(8080, 3000) with { Healthcheck = HealthcheckSpec.Of(new ProbeSpec.LogLine("ready to serve")) });
        instance.Listen(3000);
        await stage.HearsAsync(web, StackEventKind.Listening);
        instance.Print("getting ready to");
        Assert.Equal(HealthState.Starting, web.State.Health);

        instance.Print(" serve requests\n");

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
    }

    [Fact]
    public async Task Service_ThatStopsAnswering_IsUnhealthyAfterItsRetriesAndCanRecover()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web") with { Healthcheck = s_tcp });
        instance.Listen(3000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        instance.StopListening(3000);
        await PassUntilAsync(stage, web, state => state.Health == HealthState.Unhealthy);
        Assert.Equal((ServicePhase.Running, "nothing listens on port 3000"), (web.State.Phase, web.State.Reason));
        instance.Listen(3000);

        await PassUntilAsync(stage, web, state => state.Health == HealthState.Healthy);
        Assert.Null(web.State.Reason);
        Assert.False(instance.IsTold);
    }

    [Fact]
    public async Task Service_ThatIsNeverHealthy_BecomesUnhealthyWhenTheTimeForItsStartIsOver()
    {
        await using var stage = new Stage();
        var begun = stage.Time.GetUtcNow();
        var (web, _) = await stage.StartAsync(Written.Service("web") with { Healthcheck = s_tcp with { StartPeriod = TimeSpan.FromSeconds(7) } });

        await PassUntilAsync(stage, web, state => state.Health == HealthState.Unhealthy);

        // More time may have passed meanwhile, for the questions that followed.
        Assert.InRange((await stage.HearsAsync(web, StackEventKind.Unhealthy)).Time - begun, TimeSpan.FromSeconds(27), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task ServiceThatIsNeverHealthyAndNotRestarted_EndsTheWaitOfADependentAtOnce()
    {
        await using var stage = new Stage();
        var (db, instance) = await stage.StartAsync(Written.Service("db") with { Healthcheck = s_tcp });
        instance.Print("no table 'users'\n");
        var web = stage.Know(Written.Service("web") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] });
        var starting = web.StartAsync(Stage.Order(web.Spec), Token);

        await PassUntilAsync(stage, db, state => state.NeverBecameHealthy);

        Assert.Equal("'db', which it depends on, is unhealthy: nothing listens on port 3000", (await starting).Failure);
        Assert.Equal(["no table 'users'"], web.State.LastLines, StringComparer.Ordinal);
        instance.Listen(3000);
        await PassUntilAsync(stage, db, state => state is { Health: HealthState.Healthy, NeverBecameHealthy: false });
    }

    [Fact]
    public async Task ServiceThatWasHealthy_IsWaitedForWhileItIsNot()
    {
        await using var stage = new Stage();
        var (db, instance) = await stage.StartAsync(Written.Service("db") with { Healthcheck = s_tcp });
        instance.Listen(3000);
        await Stage.ReachesAsync(db, state => state.Health == HealthState.Healthy);
        instance.StopListening(3000);
        await PassUntilAsync(stage, db, state => state.Health == HealthState.Unhealthy);
        var web = stage.Know(Written.Service("web") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] });
        var starting = web.StartAsync(Stage.Order(web.Spec), Token);

        instance.Listen(3000);
        await PassUntilAsync(stage, db, state => state.Health == HealthState.Healthy);

        Assert.True((await starting).Succeeded);
    }

    [Fact]
    public async Task UnhealthyService_IsRestartedWhenItsPolicySaysSo()
    {
        await using var stage = new Stage();
        var (web, first) = await stage.StartAsync(Written.Service("web") with { Healthcheck = s_tcp, Restart = s_always });
        stage.Host.Behavior = next => next.Listen(3000);

        await PassUntilAsync(stage, web, state => state.Health == HealthState.Healthy);

        Assert.Equal((true, 2), (first.IsTold, web.State.Generation));
        var told = await stage.ToldOfAsync(web);
        Assert.Contains(told, told => told.Kind == StackEventKind.Restarting && told.Cause.Contains("was unhealthy: nothing listens on port 3000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Probe_DoesNotEndTheLastInstanceThatThePolicyAllows()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(Written.Service("web") with { Healthcheck = s_tcp, Restart = s_always with { MaxAttempts = 1 } });
        await PassUntilAsync(stage, web, state => state.Generation == 2 && state.Phase == ServicePhase.Running);
        var last = await stage.Host.NextInstanceAsync();

        await PassUntilAsync(stage, web, state => state.Health == HealthState.Unhealthy);

        Assert.Equal(ServicePhase.Running, web.State.Phase);
        Assert.False(last.IsTold);
        last.Listen(3000);
        await PassUntilAsync(stage, web, state => state.Health == HealthState.Healthy);
    }

    [Fact]
    public async Task DisabledHealthcheck_LeavesTheServiceWithoutHealth()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(
            Written.Service("web").Forwarding(8080, 3000) with { Healthcheck = HealthcheckSpec.Of(new ProbeSpec.Disabled()) });

        instance.Listen(3000);
        await stage.HearsAsync(web, StackEventKind.Listening);

        Assert.Equal(HealthState.None, web.State.Health);
    }

    [Fact]
    public async Task Swap_WaitsForTheProbeOfTheNewInstance()
    {
        await using var stage = new Stage();
        var (web, old) = await stage.StartAsync(
            Written.Service("web").Forwarding(8080, 3000) with { Healthcheck = HealthcheckSpec.Of(new ProbeSpec.LogLine("ready")) });
        old.Listen(3000);
        old.Print("ready\n");
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        var swapping = web.SwapAsync(Stage.Order(web.Spec), Token);
        var next = await stage.Host.NextInstanceAsync();
        next.Listen(3000);
        Assert.False(next.TakesClients);
        next.Print("ready\n");

        Assert.True((await swapping).Succeeded);
        Assert.True(next.TakesClients);
        Assert.Equal((HealthState.Healthy, 2), (web.State.Health, web.State.Generation));
    }

    [Fact]
    public async Task Swap_ToAnUnhealthyInstance_LeavesTheOldOneServing()
    {
        await using var stage = new Stage();

        // Time passes by the pauses of the new instance alone: those of the old one are too long for it.
        var healthcheck = s_tcp with { Probe = new ProbeSpec.Tcp(4000), Interval = s_tcp.Timeout };
        var (web, old) = await stage.StartAsync(Written.Service("web").Forwarding(8080, 3000) with { Healthcheck = healthcheck });
        old.Listen(3000);
        old.Listen(4000);
        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);

        var swapping = web.SwapAsync(Stage.Order(web.Spec), Token);
        (await stage.Host.NextInstanceAsync()).Listen(3000);
        await PassUntilAsync(stage, web, state => state.Reason is not null);

        Assert.Equal("serves on as it was: the new instance is unhealthy: nothing listens on port 4000", (await swapping).Failure);
        Assert.True(old.TakesClients);
    }

    /// <summary>Lets time pass from one waited-for delay to the next until the service is where the test wants it.</summary>
    private static async Task PassUntilAsync(Stage stage, ServiceSupervisor service, Func<ServiceState, bool> condition)
    {
        var reached = Stage.ReachesAsync(service, condition);
        while (!reached.IsCompleted)
        {
            var any = stage.Time.HasDelayAsync();
            if (await Task.WhenAny(reached, any) == reached)
            {
                break;
            }

            // The times that an answer or a start may take are not to pass.
            await any;
            if (await stage.Time.NextDelayAsync() is var delay && delay < s_tcp.Timeout)
            {
                stage.Time.Advance(delay);
            }
        }

        await reached;
    }
}
