using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Supervision.Restarting;

public sealed class RestartPolicyTests
{
    private static readonly RestartSpec s_always = new(
        RestartPolicy.Always, null, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), BackoffKind.Exponential, Jitter: false, TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task No_LeavesEveryEndAtThat(int code)
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web"));

        instance.Exit(code);

        var state = await Stage.ReachesAsync(web, ServicePhase.Exited);
        Assert.Equal((code, 0, 1), (state.ExitCode, state.Restarts, state.Generation));
    }

    [Theory]
    [InlineData(RestartPolicy.Always)]
    [InlineData(RestartPolicy.UnlessStopped)]
    public async Task AlwaysAndUnlessStopped_RestartAfterSuccessToo(RestartPolicy policy)
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service(s_always with { Policy = policy }));

        instance.Exit(0);
        await stage.Time.PassDelayAsync();
        (await stage.Host.NextInstanceAsync()).Exit(1);
        await stage.Time.PassDelayAsync();
        await stage.Host.NextInstanceAsync();

        Assert.Equal((2, 3), (web.State.Restarts, web.State.Generation));
    }

    [Fact]
    public async Task OnFailure_LeavesSuccessAtThat()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service(s_always with { Policy = RestartPolicy.OnFailure }));

        instance.Trap("unreachable");
        await stage.Time.PassDelayAsync();
        (await stage.Host.NextInstanceAsync()).Exit(0);

        var state = await Stage.ReachesAsync(web, ServicePhase.Exited);
        Assert.Equal((0, 1), (state.ExitCode, state.Restarts));
        Assert.Null(state.Reason);
    }

    [Fact]
    public async Task UsedUpAttempts_EndInFailedWithReasonCodeAndLastLines()
    {
        await using var stage = new Stage();
        stage.Host.Behavior = instance =>
        {
            instance.Print("starting\ncannot open the data");
            instance.Exit(7);
        };
        var web = stage.Know(Service(s_always with { Policy = RestartPolicy.OnFailure, MaxAttempts = 2 }));
        var starting = web.StartAsync(Stage.Order(web.Spec), TestContext.Current.CancellationToken);
        await stage.Time.PassDelayAsync();
        await stage.Time.PassDelayAsync();

        var state = await Stage.ReachesAsync(web, ServicePhase.Failed);

        Assert.True((await starting).Succeeded);
        Assert.Equal("given up after 2 restarts: exited with code 7", state.Reason);
        Assert.Equal((7, 2, 3), (state.ExitCode, state.Restarts, state.Generation));
        Assert.Equal(["starting", "cannot open the data"], state.LastLines.TakeLast(2), StringComparer.Ordinal);
    }

    [Fact]
    public async Task NoAttempts_FailAtTheFirstEnd()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service(s_always with { MaxAttempts = 0 }));

        instance.Exit(1);

        Assert.Equal("given up after 0 restarts: exited with code 1", (await Stage.ReachesAsync(web, ServicePhase.Failed)).Reason);
    }

    [Fact]
    public async Task Trap_ShowsItsReasonAndBacktrace()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web"));

        instance.Trap("integer divide by zero");

        var state = await Stage.ReachesAsync(web, ServicePhase.Exited);
        Assert.Equal((134, "trapped: integer divide by zero"), (state.ExitCode, state.Reason));
        var exited = (await stage.ToldOfAsync(web))[^1];
        Assert.Equal((StackEventKind.Exited, "0: main"), (exited.Kind, exited.Attributes["detail"]));
    }

    [Theory]
    [InlineData(BackoffKind.Constant, new[] { 100, 100, 100, 100 })]
    [InlineData(BackoffKind.Linear, new[] { 100, 200, 300, 400 })]
    [InlineData(BackoffKind.Exponential, new[] { 100, 200, 400, 500 })]
    public async Task Delay_GrowsAsWrittenUpToItsBound(BackoffKind kind, int[] milliseconds)
    {
        await using var stage = new Stage();
        stage.Host.Behavior = instance => instance.Exit(1);
        await stage.StartAsync(Service(s_always with { Backoff = kind, MaxDelay = TimeSpan.FromMilliseconds(500) }));

        foreach (var expected in milliseconds)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(expected), await stage.Time.PassDelayAsync());
        }
    }

    [Fact]
    public async Task Jitter_StaysBelowTheBound()
    {
        await using var stage = new Stage();
        stage.Host.Behavior = instance => instance.Exit(1);
        await stage.StartAsync(Service(s_always with { Jitter = true, MaxDelay = TimeSpan.FromSeconds(1) }));

        var delays = new List<TimeSpan>();
        for (var round = 0; round < 50; round++)
        {
            delays.Add(await stage.Time.PassDelayAsync());
        }

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        Assert.True(delays.Distinct().Count() > 3, "the delays do not vary");
    }

    [Fact]
    public async Task UnboundedLoop_KeepsGoingAtTheLongestDelay()
    {
        await using var stage = new Stage();
        stage.Host.Behavior = instance => instance.Exit(1);
        var (web, _) = await stage.StartAsync(Service(s_always with { Jitter = true }));

        for (var round = 0; round < 1500; round++)
        {
            await stage.Time.PassDelayAsync();
        }

        await Stage.ReachesAsync(web, state => state.Restarts >= 1500);
    }

    [Fact]
    public async Task StableRun_StartsTheCountAndTheDelayAnew()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service(s_always with { MaxAttempts = 2 }));
        for (var round = 0; round < 3; round++)
        {
            instance.Exit(1);
            Assert.Equal(TimeSpan.FromMilliseconds(100), await stage.Time.PassDelayAsync());
            instance = await stage.Host.NextInstanceAsync();
            instance.Exit(1);
            Assert.Equal(TimeSpan.FromMilliseconds(200), await stage.Time.PassDelayAsync());
            instance = await stage.Host.NextInstanceAsync();
            stage.Time.Advance(TimeSpan.FromSeconds(60));
        }

        Assert.Equal((ServicePhase.Running, 6), (web.State.Phase, web.State.Restarts));
    }

    [Fact]
    public async Task WindowOfNothing_NeverCountsUp()
    {
        await using var stage = new Stage();
        stage.Host.Behavior = instance => instance.Exit(1);
        await stage.StartAsync(Service(s_always with { MaxAttempts = 1, Window = TimeSpan.Zero }));

        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(100), await stage.Time.PassDelayAsync());
        }
    }

    [Fact]
    public async Task ChangedPolicy_DecidesAboutTheNextEnd()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Service(s_always));

        web.Update(web.Spec with { Restart = RestartSpec.Never });
        instance.Exit(1);

        Assert.Equal(0, (await Stage.ReachesAsync(web, ServicePhase.Exited)).Restarts);
    }

    [Fact]
    public async Task InstanceThatCannotRun_FailsWithTheReason()
    {
        await using var stage = new Stage();
        var (web, instance) = await stage.StartAsync(Written.Service("web"));

        instance.Fail("it imports 'env.unknown', which nothing provides");

        var state = await Stage.ReachesAsync(web, ServicePhase.Failed);
        Assert.Equal("could not run: it imports 'env.unknown', which nothing provides", state.Reason);
        Assert.Equal(RunEnd.UnusableCode, state.ExitCode);
    }

    [Fact]
    public async Task StartOfAnInstanceThatCannotRun_Fails_AndOfOneThatEndsAtOnceDoesNot()
    {
        await using var stage = new Stage();
        var (web, job) = (stage.Know(Written.Service("web")), stage.Know(Written.Service("job")));
        stage.Host.Behavior = instance =>
        {
            if (string.Equals(instance.Spec.Name, "job", StringComparison.Ordinal))
            {
                instance.Trap("unreachable");
                return;
            }

            instance.IsRunnable = false;
            instance.Fail("no memory");
        };

        Assert.Equal("could not run: no memory", (await web.StartAsync(Stage.Order(web.Spec), TestContext.Current.CancellationToken)).Failure);
        Assert.True((await job.StartAsync(Stage.Order(job.Spec), TestContext.Current.CancellationToken)).Succeeded);
    }

    [Fact]
    public async Task InstanceThatCannotBeMade_IsTriedAgainAsThePolicySays()
    {
        await using var stage = new Stage();
        stage.Host.Refusal = "no descriptors left";
        var web = stage.Know(Service(s_always));

        var outcome = await web.StartAsync(Stage.Order(web.Spec), TestContext.Current.CancellationToken);
        Assert.Equal("could not run: no descriptors left", outcome.Failure);

        stage.Host.Refusal = null;
        await stage.Time.PassDelayAsync();
        await Stage.ReachesAsync(web, ServicePhase.Running);
    }

    private static ServiceSpec Service(RestartSpec restart) => Written.Service("web") with { Restart = restart };
}
