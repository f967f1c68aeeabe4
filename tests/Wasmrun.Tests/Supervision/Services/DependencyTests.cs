using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Services;

public sealed class DependencyTests
{
    private static readonly RestartSpec s_onFailure = new(
        RestartPolicy.OnFailure, 1, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), BackoffKind.Constant, Jitter: false, TimeSpan.FromSeconds(60));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Started_IsMetAsSoonAsAnInstanceRuns()
    {
        await using var stage = new Stage();
        await stage.StartAsync(Written.Service("db"));

        var (web, _) = await stage.StartAsync(Written.Service("web", "db"));

        var waiting = (await stage.ToldOfAsync(web))[0];
        Assert.Equal((StackEventKind.Waiting, "waits for db to be started"), (waiting.Kind, waiting.Cause));
    }

    [Fact]
    public async Task Healthy_IsMetWhenTheDependencyListens()
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432));
        var (web, starting) = Start(stage, DependencyCondition.Healthy);

        Assert.Equal(("waits for db to listen", ServicePhase.Waiting), (web.State.Reason, web.State.Phase));
        Assert.Equal(0, web.State.Generation);
        db.Listen(5432);

        Assert.True((await starting).Succeeded);
    }

    [Fact]
    public async Task Healthy_OfAServiceWithoutForwards_IsThatItListensOnAnyPort()
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db"));
        var (web, starting) = Start(stage, DependencyCondition.Healthy);

        Assert.Equal(("waits for db to listen", ServicePhase.Waiting), (web.State.Reason, web.State.Phase));
        db.Listen(5432);

        Assert.True((await starting).Succeeded);
    }

    [Fact]
    public async Task Healthy_OfAServiceThatEndsWithoutEverListening_IsNotMet()
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db"));
        var (web, starting) = Start(stage, DependencyCondition.Healthy);

        db.Exit(0);

        Assert.Equal("'db', which it depends on, exited with code 0", (await starting).Failure);
        Assert.Equal(0, web.State.Generation);
    }

    [Fact]
    public async Task Healthy_OfAServiceWhoseCheckIsDisabled_IsThatItHasStarted()
    {
        await using var stage = new Stage();
        await stage.StartAsync(Written.Service("db") with { Healthcheck = HealthcheckSpec.Of(new ProbeSpec.Disabled()) });

        Assert.True((await Start(stage, DependencyCondition.Healthy).Starting).Succeeded);
    }

    [Fact]
    public async Task Completed_IsMetByExitCodeZeroAlone()
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db"));
        var (web, starting) = Start(stage, DependencyCondition.CompletedSuccessfully);
        Assert.Equal("waits for db to complete", web.State.Reason);

        db.Exit(0);

        Assert.True((await starting).Succeeded);
    }

    [Theory]
    [InlineData(DependencyCondition.CompletedSuccessfully)]
    [InlineData(DependencyCondition.Healthy)]
    public async Task DependencyThatFails_EndsTheWaitAtOnceWithItsLastLines(DependencyCondition condition)
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432));
        var (web, starting) = Start(stage, condition);

        db.Print("no space left");
        db.Exit(1);

        var failure = (await starting).Failure;
        Assert.Equal("'db', which it depends on, exited with code 1", failure);
        Assert.Equal((ServicePhase.Failed, failure, 0), (web.State.Phase, web.State.Reason, web.State.Generation));
        Assert.Equal(["no space left"], web.State.LastLines, StringComparer.Ordinal);
    }

    [Fact]
    public async Task DependencyThatRestarts_IsWaitedForUntilItIsGivenUp()
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432) with { Restart = s_onFailure });
        var (web, starting) = Start(stage, DependencyCondition.Healthy);

        db.Exit(1);
        await stage.Time.NextDelayAsync();
        Assert.Equal(ServicePhase.Waiting, web.State.Phase);
        stage.Time.Advance(TimeSpan.FromMilliseconds(100));
        (await stage.Host.NextInstanceAsync()).Exit(2);

        Assert.Equal("'db', which it depends on, failed: given up after 1 restart: exited with code 2", (await starting).Failure);
    }

    [Fact]
    public async Task DependencyThatRecovers_LetsTheDependentStart()
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432) with { Restart = s_onFailure });
        var (_, starting) = Start(stage, DependencyCondition.Healthy);

        db.Exit(1);
        await stage.Time.PassDelayAsync();
        (await stage.Host.NextInstanceAsync()).Listen(5432);

        Assert.True((await starting).Succeeded);
    }

    [Fact]
    public async Task DependencyThatIsNotRequired_IsGoneWithout()
    {
        await using var stage = new Stage();
        var (_, db) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432));
        db.Exit(1);

        var (web, starting) = Start(stage, DependencyCondition.Healthy, required: false);

        Assert.True((await starting).Succeeded);
        Assert.Contains(
            await stage.ToldOfAsync(web),
            told => told.Kind == StackEventKind.DependencyFailed
                && told.Cause == "goes on without 'db', which is not required and exited with code 1");
    }

    [Fact]
    public async Task DependencyThatDoesNotRun_IsNotWaitedFor()
    {
        await using var stage = new Stage();

        Assert.Equal("'db', which it depends on, does not run", (await Start(stage, DependencyCondition.Started).Starting).Failure);
    }

    [Fact]
    public async Task StoppedDependency_EndsTheWait()
    {
        await using var stage = new Stage();
        var (db, _) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432));
        var (_, starting) = Start(stage, DependencyCondition.Healthy);

        await db.StopAsync(null, Token);

        Assert.Equal("'db', which it depends on, is stopped", (await starting).Failure);
    }

    [Fact]
    public async Task CancelledWait_LeavesTheServiceWhereItWas()
    {
        await using var stage = new Stage();
        await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432));
        using var wish = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var (web, starting) = Start(stage, DependencyCondition.Healthy, token: wish.Token);

        await wish.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.Equal(ServicePhase.Created, web.State.Phase);
        Assert.Single(stage.Host.Instances);
    }

    [Fact]
    public async Task RestartWhoseDependencyFails_KeepsTheOldInstance()
    {
        await using var stage = new Stage();
        var (database, db) = await stage.StartAsync(Written.Service("db").Forwarding(5432, 5432));
        db.Listen(5432);
        var spec = Written.Service("web") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] };
        var (web, instance) = await stage.StartAsync(spec);
        db.Exit(1);
        await Stage.ReachesAsync(database, ServicePhase.Exited);

        var outcome = await web.RestartAsync(Stage.Order(spec.With("A", "1")), Token);

        Assert.Equal("runs on as it was: 'db', which it depends on, exited with code 1", outcome.Failure);
        Assert.False(instance.Completion.IsCompleted);
        Assert.Equal((ServicePhase.Running, outcome.Failure), (web.State.Phase, web.State.Reason));
        var told = (await stage.ToldOfAsync(web)).Count;
        await web.RestartAsync(Stage.Order(spec.With("A", "1")), Token);
        Assert.Equal(told, (await stage.ToldOfAsync(web)).Count);
    }

    private static (ServiceSupervisor Web, Task<StartOutcome> Starting) Start(
        Stage stage, DependencyCondition condition, bool required = true, CancellationToken? token = null)
    {
        var web = stage.Know(Written.Service("web") with { DependsOn = [Written.Dependency("db", condition, required)] });
        return (web, web.StartAsync(Stage.Order(web.Spec), token ?? Token));
    }
}
