using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restart_ReplacesTheInstanceAndPicksUpNewContent()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000), Written.Service("db"));
        var binding = runner.Host.Bound[8080];
        runner.Host.Contents["/shop/web.wasm"] = "built anew";
        await runner.ResyncAsync();
        Assert.Equal(1, runner.Status("web").Generation);

        Assert.IsType<ApplyResult.Applied>(await Runner.InTime(runner.Stack.RestartAsync(["web"], null, Token)));

        Assert.Equal(("built anew", 2), (runner.Instance("web").Module.ContentHash, runner.Status("web").Generation));
        Assert.False(binding.IsClosed);
        Assert.Equal(1, runner.Status("db").Generation);
    }

    [Theory]
    [InlineData(UpdateOrder.StartFirst)]
    [InlineData(UpdateOrder.StopFirst)]
    public async Task RestartWithATimeOfItsOwn_GivesTheOldInstanceThat(UpdateOrder order)
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web") with { StopGracePeriod = TimeSpan.FromHours(1), UpdateOrder = order });
        runner.Instance("web").IsStuck = true;

        var restarting = runner.Stack.RestartAsync(["web"], TimeSpan.FromSeconds(3), Token);

        Assert.Equal(TimeSpan.FromSeconds(3), await runner.Time.NextDelayAsync());
        await runner.Time.PassDelaysUntilAsync(Task.WhenAll(restarting, runner.Stack.KillAsync([], Token)));
    }

    [Fact]
    public async Task RestartWithABrokenBuild_LeavesTheOldInstanceServing()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));
        runner.Host.Broken["/shop/web.wasm"] = "unexpected end of file";

        Assert.IsType<ApplyResult.ModulesUnusable>(await Runner.InTime(runner.Stack.RestartAsync(["web"], null, Token)));
        runner.Host.Broken.Clear();
        await runner.ResyncAsync();

        Assert.Equal((ServicePhase.Running, 1), (runner.Status("web").State, runner.Status("web").Generation));
    }

    [Fact]
    public async Task Restart_OfADependency_TakesWhoWantsToAlong()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(
            Written.Service("web") with { DependsOn = [Written.Dependency("db", restart: true)] }, Written.Service("api", "db"), Written.Service("db"));

        await Runner.InTime(runner.Stack.RestartAsync(["db"], null, Token));

        Assert.Equal((2, 1, 2), (runner.Status("web").Generation, runner.Status("api").Generation, runner.Status("db").Generation));
    }

    [Theory]
    [InlineData(true, "'tool' belongs to a profile that was off when the manifest was applied last; it can be stopped or killed, or switched on by 'up' with its profile")]
    [InlineData(false, "the manifest no longer declares 'tool'; it can be stopped or killed, and nothing else")]
    public async Task ServiceThatIsNotDeclaredNow_CanBeStoppedAndNothingElse(bool isSwitchedOff, string complaint)
    {
        await using var runner = await Runner.StartAsync(_folder);
        var web = Written.Service("web");
        await runner.UpAsync(web, Written.Service("tool").Forwarding(8080, 3000));
        await runner.ApplyAsync(Written.Stack(web) with { SwitchedOff = isSwitchedOff ? ["tool"] : [] });

        var answers = new[]
        {
            await Runner.InTime(runner.Stack.RestartAsync(["tool"], null, Token)),
            await Runner.InTime(runner.Stack.StartAsync(["tool"], Token)),
            await Runner.InTime(runner.Stack.ScaleAsync(new Dictionary<string, int>(StringComparer.Ordinal) { ["tool"] = 2 }, withDependencies: true, Token)),
        };
        Assert.All(answers, answer => Assert.Equal(complaint, Assert.Single(Assert.IsType<ApplyResult.Refused>(answer).Complaints)));
        Assert.Equal((ServicePhase.Running, 1), (runner.Status("tool").State, runner.Status("tool").Generation));

        await Runner.InTime(runner.Stack.StopAsync(["tool"], null, Token));
        await Runner.InTime(runner.Stack.StartAsync([], Token));

        Assert.Equal((ServicePhase.Stopped, ServicePhase.Running), (runner.Status("tool").State, runner.Status("web").State));
        Assert.Empty(runner.Host.Bound);
    }

    [Fact]
    public async Task Swap_ThatDoesNotSucceed_TakesNobodyAlong()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var db = Written.Service("db").Forwarding(8080, 3000);
        var web = Written.Service("web") with { DependsOn = [Written.Dependency("db", restart: true)] };
        var top = Written.Service("top") with { DependsOn = [Written.Dependency("web", restart: true)] };
        await runner.UpAsync(top, web, db);
        runner.Host.Behavior = instance => instance.Exit(7);

        var restarted = Assert.IsType<ApplyResult.Applied>(await Runner.InTime(runner.Stack.RestartAsync(["db"], null, Token)));
        var upped = Assert.IsType<ApplyResult.Applied>(await runner.ApplyAsync(Written.Stack(top, web, db.With("LOG", "debug"))));
        await runner.ResyncAsync();

        Assert.Equal(["db", "db"], restarted.Failures.Concat(upped.Failures).Select(failure => failure.Service));
        Assert.Equal(["swap db", "swap db"], restarted.Plan.Actions.Concat(upped.Plan.Actions).Select(action => action.Id));
        Assert.Equal((1, 1, 1), (runner.Status("top").Generation, runner.Status("web").Generation, runner.Status("db").Generation));
    }

    [Fact]
    public async Task Stop_ClosesForwardsAndStart_BindsTheSameOnes()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000).Forwarding(null, 4000));
        var ports = runner.Host.Bound.Keys.Order().ToArray();

        await Runner.InTime(runner.Stack.StopAsync(["web"], null, Token));
        Assert.Empty(runner.Host.Bound);
        Assert.Equal(ServicePhase.Stopped, runner.Status("web").State);
        await runner.ResyncAsync();
        Assert.Equal(ServicePhase.Stopped, runner.Status("web").State);
        await Runner.InTime(runner.Stack.StartAsync(["web"], Token));

        Assert.Equal(ports, runner.Host.Bound.Keys.Order());
        Assert.Equal((ServicePhase.Running, 2), (runner.Status("web").State, runner.Status("web").Generation));
    }

    [Fact]
    public async Task StopOfEverything_StopsDependentsFirst()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web", "api"), Written.Service("api", "db"), Written.Service("db"));

        await Runner.InTime(runner.Stack.StopAsync([], null, Token));

        Assert.Equal(
            ["web", "api", "db"],
            (await runner.ToldAsync()).Where(told => told.Kind == StackEventKind.Stopped).Select(told => told.Service!),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task Start_BringsWhatItDependsOn()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web", "db"), Written.Service("db"));
        await Runner.InTime(runner.Stack.StopAsync([], null, Token));

        await Runner.InTime(runner.Stack.StartAsync(["web"], Token));

        Assert.All(runner.Stack.Snapshot(), status => Assert.Equal(ServicePhase.Running, status.State));
    }

    [Fact]
    public async Task Start_DoesNotRepeatADependencyThatHasDoneItsWork()
    {
        await using var runner = await Runner.StartAsync(_folder);
        runner.Host.Behavior = instance =>
        {
            if (instance.Spec.Name == "migrate")
            {
                instance.Exit(0);
            }
        };
        await runner.UpAsync(
            Written.Service("web") with { DependsOn = [Written.Dependency("migrate", DependencyCondition.CompletedSuccessfully)] }, Written.Service("migrate"));
        await Runner.InTime(runner.Stack.StopAsync(["web"], null, Token));

        await Runner.InTime(runner.Stack.StartAsync(["web"], Token));

        Assert.Equal((ServicePhase.Running, 1), (runner.Status("web").State, runner.Status("migrate").Generation));
    }

    [Fact]
    public async Task Kill_EndsAServiceDespiteItsPolicyAndItsGracePeriod()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web") with
        {
            StopGracePeriod = TimeSpan.FromHours(1),
            Restart = RestartSpec.Never with { Policy = RestartPolicy.Always },
        });

        await Runner.InTime(runner.Stack.KillAsync(["web"], Token));

        Assert.Equal(ServicePhase.Stopped, runner.Status("web").State);
        await runner.ResyncAsync();
        Assert.Single(runner.Host.Instances);
    }

    [Fact]
    public async Task KillDuringAStop_EndsTheGracePeriod()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web") with { StopGracePeriod = TimeSpan.FromHours(1) });
        runner.Instance("web").IsStuck = true;
        var stopping = runner.Stack.StopAsync([], null, Token);
        Assert.Equal(TimeSpan.FromHours(1), await runner.Time.NextDelayAsync());

        await runner.Time.PassDelaysUntilAsync(Task.WhenAll(stopping, runner.Stack.KillAsync([], Token)));

        Assert.Equal((ServicePhase.Failed, "its instance did not end in time"), (runner.Status("web").State, runner.Status("web").Reason));
    }

    [Fact]
    public async Task NewerWish_InterruptsAWaitForADependency()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var applying = runner.ApplyAsync(Written.Stack(
            Written.Service("web") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] },
            Written.Service("db").Forwarding(5432, 5432)));
        await runner.ReachesAsync("web", ServicePhase.Waiting);

        var stopped = await Runner.InTime(runner.Stack.StopAsync([], null, Token));

        Assert.IsType<ApplyResult.Applied>(stopped);
        Assert.Equal("another command has overruled this one: 'web', 'db' are to be stopped", Assert.IsType<ApplyResult.Abandoned>(await applying).Reason);
        Assert.Equal((ServicePhase.Created, ServicePhase.Stopped), (runner.Status("web").State, runner.Status("db").State));
    }

    [Fact]
    public async Task InterruptedPass_DoesNotRepeatARestart()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("cache"), Written.Service("db").Forwarding(5432, 5432));
        var slow = runner.ApplyAsync(Written.Stack(
            Written.Service("cache").With("A", "1"),
            Written.Service("db").Forwarding(5432, 5432),
            Written.Service("web") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] }));
        await runner.ReachesAsync("web", ServicePhase.Waiting);
        while (runner.Status("cache").Generation < 2)
        {
            await Task.Yield();
        }

        await runner.ReachesAsync("cache", ServicePhase.Running);
        var other = runner.Stack.StopAsync(["db"], null, Token);

        await Runner.InTime(other);
        await slow;
        Assert.Equal(2, runner.Status("cache").Generation);
    }

    [Fact]
    public async Task UnknownNames_ChangeNothing()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));

        foreach (var command in new[]
        {
            runner.Stack.RestartAsync(["wbe"], null, Token), runner.Stack.StopAsync(["wbe"], null, Token), runner.Stack.StartAsync(["wbe"], Token),
            runner.Stack.KillAsync(["wbe"], Token),
        })
        {
            Assert.Equal(["wbe"], Assert.IsType<ApplyResult.UnknownServices>(await Runner.InTime(command)).Names, StringComparer.Ordinal);
        }

        Assert.Equal(1, runner.Status("web").Generation);
    }

    [Fact]
    public async Task EndOfTheRunner_StopsEverythingAndAnswersWhoWaits()
    {
        var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000), Written.Service("db"));

        await runner.DisposeAsync();

        Assert.All(runner.Host.Instances, instance => Assert.True(instance.IsDisposed));
        Assert.IsType<ApplyResult.Abandoned>(await Runner.InTime(runner.Stack.StartAsync(["web"], Token)));
    }

    [Fact]
    public async Task Preview_SaysWhatWouldBeDoneAndDoesNothing()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web", "db").Forwarding(8080, 3000), Written.Service("db"));

        Assert.Equal(["restart db", "swap web"], Steps(await Runner.InTime(runner.Stack.PreviewAsync([], (wish, names) => WishChanges.Restart(wish, names, null), OneOffReach.Named, Token))));
        Assert.Equal(
            ["release ports of web", "remove db", "remove web", "stop db", "stop web"],
            Steps(await Runner.InTime(runner.Stack.PreviewAsync(new DownOptions(Volumes: false, GracePeriod: null), Token))));
        Assert.All(runner.Stack.Snapshot(), status => Assert.Equal((ServicePhase.Running, 1), (status.State, status.Generation)));
        await runner.ResyncAsync();
        Assert.Equal(2, runner.Host.Instances.Count);

        static IEnumerable<string> Steps(ApplyResult result) =>
            Assert.IsType<ApplyResult.Applied>(result).Plan.Actions.Select(action => action.Id).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Snapshot_IsSortedAndShowsEveryService()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000), Written.Service("db"));
        runner.Instance("web").Listen(3000);
        await Runner.InTime(runner.Stack.WaitForAsync(WaitCondition.Ready, ["web"], null, Token));

        Assert.Equal(
            [("db-1", HealthState.None), ("web-1", HealthState.Healthy)],
            runner.Stack.Snapshot().Select(status => (status.Name, status.Health)));
    }
}
