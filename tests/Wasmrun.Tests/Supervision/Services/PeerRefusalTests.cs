using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

/// <summary>Other services wait for one that is to come back, and are refused by one that is not.</summary>
public sealed class PeerRefusalTests
{
    private static readonly ServiceSpec s_web = Written.Service("web").Forwarding(8080, 3000);

    private static readonly RestartSpec s_always = RestartSpec.Never with { Policy = RestartPolicy.Always, Jitter = false };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_RefusesOtherServices()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(s_web);
        Assert.Equal(0, stage.Host.Service("web").Refusals);

        await web.StopAsync(null, Token);

        Assert.Equal(1, stage.Host.Service("web").Refusals);
    }

    [Fact]
    public async Task Kill_RefusesOtherServices()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(s_web with { Restart = s_always });

        web.Kill();
        await Stage.ReachesAsync(web, ServicePhase.Stopped);

        Assert.Equal(1, stage.Host.Service("web").Refusals);
    }

    [Fact]
    public async Task InstanceThatIsNotRestarted_RefusesOtherServices_AndItsForwardStaysOpen()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(s_web with { Restart = RestartSpec.Never });

        instance.Exit(0);
        await Stage.ReachesAsync(web, ServicePhase.Exited);

        Assert.Equal(1, stage.Host.Service("web").Refusals);
        Assert.False(Assert.Single(stage.Host.Bindings).IsClosed);
    }

    [Fact]
    public async Task RestartsAndSwaps_RefuseNobody()
    {
        await using var stage = new Stage();
        stage.Host.Behavior = started => started.Listen(3000);
        var (web, instance) = await stage.StartAsync(s_web with { Restart = s_always });
        await ServesAsync(1);

        instance.Exit(3);
        await stage.Time.PassDelayAsync();
        await ServesAsync(2);
        Assert.True((await web.RestartAsync(Stage.Order(web.Spec), Token)).Succeeded);
        await ServesAsync(3);
        Assert.True((await web.SwapAsync(Stage.Order(web.Spec), Token)).Succeeded);
        await ServesAsync(4);

        Task ServesAsync(int generation) => Stage.ReachesAsync(web, state => state.Generation == generation && state.Health == HealthState.Healthy);
        Assert.Equal(0, stage.Host.Service("web").Refusals);
    }

    [Fact]
    public async Task OneReplicaOfSeveral_DoesNotDecide()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(s_web with { Replicas = 2, Restart = RestartSpec.Never });
        var instances = stage.Host.Instances.ToList();

        instances[0].Exit(0);
        await web.WaitAsync(_ => web.ReplicaStates.Any(state => state.Phase == ServicePhase.Exited), Token);
        Assert.Equal(0, stage.Host.Service("web").Refusals);

        instances[1].Exit(0);
        await Stage.ReachesAsync(web, ServicePhase.Exited);
        Assert.Equal(1, stage.Host.Service("web").Refusals);
    }

    [Fact]
    public async Task ReleaseOfTheForwards_KeepsThePlaceOnTheNetworks()
    {
        await using var stage = new Stage();
        var (web, _) = await stage.StartAsync(s_web);
        var place = stage.Host.Service("web");
        await web.StopAsync(null, Token);

        web.ReleaseForwards();

        Assert.True(Assert.Single(stage.Host.Bindings).IsClosed);
        Assert.Empty(web.Forwards);
        Assert.Same(place, stage.Host.Service("web"));
        Assert.True((await web.StartAsync(Stage.Order(web.Spec), Token)).Succeeded);
        Assert.Same(place, stage.Host.Service("web"));
    }
}
