using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

public sealed class ReplicaTests
{
    private static readonly ServiceSpec s_spec = Written.Service("web").Forwarding(8080, 3000) with { Replicas = 3 };

    /// <summary>How often an instance that is to end is asked whether its clients have gone.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_RunsEveryReplicaUnderItsNumberBehindTheSameForward()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);

        Assert.Equal(["web-1", "web-2", "web-3"], stage.Host.Instances.Select(instance => instance.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["web-1", "web-2", "web-3"], web.Statuses.Select(status => status.Name));
        Assert.All(web.Statuses, status => Assert.Equal((HealthState.Healthy, 1, 8080), (status.Health, status.Generation, status.Publishers[0].PublishedPort)));
        Assert.All(stage.Host.Instances, instance => Assert.True(instance.TakesClients));
        Assert.Single(stage.Host.Bindings);
    }

    [Fact]
    public async Task ScaleUp_StartsTheMissingReplicasOnly()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);

        Assert.True((await web.ScaleAsync(Stage.Order(s_spec with { Replicas = 5 }), Token)).Succeeded);

        Assert.Equal(5, web.Statuses.Count);
        Assert.Equal(5, stage.Host.Instances.Count);
        Assert.All(web.Statuses, status => Assert.Equal(1, status.Generation));
    }

    [Fact]
    public async Task ScaleDown_EndsTheLastReplicasAfterTheirClientsHaveGone()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);
        var third = Instance(stage, 3);
        third.Clients = 1;

        var scaling = web.ScaleAsync(Stage.Order(s_spec with { Replicas = 1 }), Token);
        await stage.Time.HasDelayAsync(s_look);
        Assert.Equal((false, false), (third.TakesClients, third.IsTold));
        third.Clients = 0;
        stage.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await scaling).Succeeded);
        Assert.Equal(["web-1"], web.Statuses.Select(status => status.Name));
        Assert.Equal((true, false), (third.IsDisposed, Instance(stage, 1).IsTold));
        Assert.Equal(
            ["web-3", "web-2"],
            (await stage.ToldOfAsync(web)).Where(told => told.Kind == StackEventKind.Removed).Select(told => told.Instance));
        Assert.False(Assert.Single(stage.Host.Bindings).IsClosed);
    }

    [Fact]
    public async Task Crash_RestartsThatReplicaAlone()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage, RestartSpec.Never with { Policy = RestartPolicy.Always, Jitter = false });

        Instance(stage, 2).Exit(1);
        await Stage.ReachesAsync(web, state => state.Restarts == 1);
        Assert.Equal([ServicePhase.Running, ServicePhase.Restarting, ServicePhase.Running], web.ReplicaStates.Select(state => state.Phase));
        Assert.Equal(ServicePhase.Running, web.State.Phase);
        await stage.Time.PassDelayAsync();
        (await stage.Host.NextInstanceAsync()).Listen(3000);

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy);
        Assert.Equal([1, 2, 1], web.Statuses.Select(status => status.Generation));
    }

    [Fact]
    public async Task Swap_TakesOneReplicaAfterTheOther()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);

        var swapping = web.SwapAsync(Stage.Order(s_spec.With("A", "1")), Token);
        for (var number = 1; number <= 3; number++)
        {
            var next = await stage.Host.NextInstanceAsync();
            Assert.Equal($"web-{number}", next.Name);
            Assert.Equal(3 + number, stage.Host.Instances.Count);
            next.Listen(3000);
        }

        Assert.True((await swapping).Succeeded);
        Assert.All(web.Statuses, status => Assert.Equal((ServicePhase.Running, 2), (status.State, status.Generation)));
    }

    [Fact]
    public async Task SwapThatFails_LeavesTheOtherReplicasAsTheyWere()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);
        var order = Stage.Order(s_spec.With("A", "1"));

        var swapping = web.SwapAsync(order, Token);
        (await stage.Host.NextInstanceAsync()).Listen(3000);
        (await stage.Host.NextInstanceAsync()).Exit(7);
        var outcome = await swapping;

        Assert.Equal("web-2: serves on as it was: the new instance exited with code 7 before it was ready", outcome.Failure);
        Assert.Equal([2, 1, 1], web.Statuses.Select(status => status.Generation));
        Assert.Equal((order, false), (web.Refused, web.Order == order));
        Assert.Equal((ServicePhase.Running, HealthState.Healthy), (web.State.Phase, web.State.Health));
    }

    [Fact]
    public async Task StopFirst_LeavesTheOthersServingUntilTheNewOneIsReady()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);

        var restarting = web.RestartAsync(Stage.Order(s_spec), Token);
        var first = await stage.Host.NextInstanceAsync();
        Assert.Equal((true, false, false), (Instance(stage, 1).IsTold, Instance(stage, 2).IsTold, Instance(stage, 3).IsTold));
        first.Listen(3000);
        var second = await stage.Host.NextInstanceAsync();
        Assert.Equal((true, false), (Instance(stage, 2).IsTold, Instance(stage, 3).IsTold));
        second.Exit(1);

        Assert.Equal("web-2 has not become ready, and the others run on as they were", (await restarting).Failure);
        Assert.False(Instance(stage, 3).IsTold);
    }

    [Fact]
    public async Task StopFirst_WithoutForwards_WaitsUntilTheNewOneListensAsTheOldOneDid()
    {
        await using var stage = new Stage();
        var spec = Written.Service("db") with { Replicas = 2 };
        var (db, one) = await stage.StartAsync(spec);
        one.Listen(5432);
        var two = await stage.Host.NextInstanceAsync();
        two.Listen(5432);
        await Stage.ReachesAsync(db, _ => db.ReplicaStates.All(replica => replica.Health == HealthState.Healthy));

        var restarting = db.RestartAsync(Stage.Order(spec), Token);
        var first = await stage.Host.NextInstanceAsync();
        Assert.NotEqual(one.IsTold, two.IsTold);
        first.Listen(5432);
        await stage.Host.NextInstanceAsync();

        Assert.True((await restarting).Succeeded);
        Assert.True(one.IsTold && two.IsTold);
    }

    [Fact]
    public async Task AnotherNetwork_IsTheEndOfAllReplicasAtOnce()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);

        Assert.True((await web.RestartAsync(Stage.Order(s_spec with { Hold = TimeSpan.Zero }), Token)).Succeeded);

        Assert.Equal([2, 2, 2], web.Statuses.Select(status => status.Generation));
        Assert.False(Assert.Single(stage.Host.Bindings).IsClosed);
    }

    [Fact]
    public async Task Stop_EndsAllReplicasAtTheSameTime()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);
        foreach (var instance in stage.Host.Instances)
        {
            instance.Clients = 1;
        }

        var stopping = web.StopAsync(null, Token);
        foreach (var _ in stage.Host.Instances)
        {
            await stage.Time.HasDelayAsync(s_look);
        }

        Assert.All(stage.Host.Instances, instance => Assert.False(instance.TakesClients));
        stage.Time.Advance(s_spec.StopGracePeriod);

        Assert.True(await stopping);
        Assert.All(web.ReplicaStates, state => Assert.Equal(ServicePhase.Stopped, state.Phase));
    }

    [Theory]
    [InlineData(DependencyCondition.Healthy)]
    [InlineData(DependencyCondition.CompletedSuccessfully)]
    public async Task Dependents_WaitForEveryReplica(DependencyCondition condition)
    {
        await using var stage = new Stage();
        var (db, _) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432) with { Replicas = 2 });
        await stage.Host.NextInstanceAsync();
        var web = Written.Service("web") with { DependsOn = [Written.Dependency("db", condition)] };
        var starting = stage.Know(web).StartAsync(Stage.Order(web), Token);

        Reach(stage.Host.Instances.First());
        await Stage.ReachesAsync(db, _ => db.ReplicaStates.Any(state => state.Health == HealthState.Healthy || state.Phase == ServicePhase.Exited));
        Assert.False(starting.IsCompleted);
        Reach(stage.Host.Instances.ElementAt(1));

        Assert.True((await starting).Succeeded);

        void Reach(FakeInstance instance)
        {
            if (condition == DependencyCondition.Healthy)
            {
                instance.Listen(5432);
            }
            else
            {
                instance.Exit(0);
            }
        }
    }

    [Fact]
    public async Task ReplicaThatFails_EndsTheWaitOfItsDependents()
    {
        await using var stage = new Stage();
        await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432) with { Replicas = 2 });
        await stage.Host.NextInstanceAsync();
        var web = Written.Service("web") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] };
        var starting = stage.Know(web).StartAsync(Stage.Order(web), Token);

        stage.Host.Instances.ElementAt(1).Exit(3);

        Assert.Equal("'db', which it depends on, exited with code 3", (await starting).Failure);
    }

    [Fact]
    public async Task Logs_ArePerReplica()
    {
        await using var stage = new Stage();
        var web = await StartAsync(stage);
        Instance(stage, 1).Print("one\n");
        Instance(stage, 2).Print("two\n");

        var lines = await stage.Logs.ReadAsync(new() { Index = 2 }, Token).ToListAsync(Token);

        Assert.Equal("web-2", Assert.Single(lines).Instance);
        Assert.Equal(2, (await stage.Logs.ReadAsync(new() { Services = [web.Name] }, Token).ToListAsync(Token)).Count);
    }

    private static FakeInstance Instance(Stage stage, int number) => stage.Host.Instances.First(instance => instance.Name == $"web-{number}");

    private static async Task<ServiceSupervisor> StartAsync(Stage stage, RestartSpec? restart = null)
    {
        var (web, first) = await stage.StartAsync(s_spec with { Restart = restart ?? RestartSpec.Never });
        first.Listen(3000);
        for (var others = 1; others < s_spec.Replicas; others++)
        {
            (await stage.Host.NextInstanceAsync()).Listen(3000);
        }

        await Stage.ReachesAsync(web, state => state.Health == HealthState.Healthy && web.ReplicaStates.All(replica => replica.Health == HealthState.Healthy));
        return web;
    }
}
