using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

public sealed class ApplyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ChangedLimits_AreGivenToTheRunningInstancesAndToThoseThatFollow()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var web = Written.Service("web").Forwarding(8080, 3000) with { Restart = RestartSpec.Never with { Policy = RestartPolicy.Always, Jitter = false } };
        await runner.UpAsync(web);
        var instance = runner.Instance("web");
        instance.Usage = new(TimeSpan.Zero, 2 << 20);
        var limits = new LimitsSpec(1 << 20, 0.5);

        await runner.UpAsync(web with { Limits = limits });

        Assert.Equal((limits, false), (instance.Limits, instance.IsTold));
        Assert.Contains(await runner.ToldAsync(), told => told.Cause.StartsWith("new limits are in force; it has 2097152 bytes", StringComparison.Ordinal));
        Assert.True((await runner.UpAsync(web with { Limits = limits })).Plan.IsEmpty);
        instance.Exit(1);
        await runner.Time.PassDelayAsync();
        await runner.ReachesAsync("web", ServicePhase.Running);
        Assert.Equal(limits, runner.Instance("web").Limits);
    }

    [Fact]
    public async Task Up_BindsEverythingThenStartsInDependencyOrder()
    {
        await using var runner = await Runner.StartAsync(_folder);
        runner.Host.Behavior = _ => Assert.Equal(2, runner.Host.Bound.Count);

        await runner.UpAsync(Written.Service("web", "api").Forwarding(8080, 3000), Written.Service("api", "db").Forwarding(8081, 3000), Written.Service("db"));

        Assert.Equal(["db", "api", "web"], runner.Host.Instances.Select(instance => instance.Spec.Name), StringComparer.Ordinal);
        Assert.All(runner.Stack.Snapshot(), status => Assert.Equal(ServicePhase.Running, status.State));
    }

    [Fact]
    public async Task SecondUp_TouchesNothing()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000).Forwarding(null, 4000));

        var again = await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000).Forwarding(null, 4000));

        Assert.True(again.Plan.IsEmpty, PlanPrinter.Print(again.Plan));
        Assert.Single(runner.Host.Instances);
    }

    [Fact]
    public async Task TakenPorts_AreAllReportedAndNothingStarts()
    {
        await using var runner = await Runner.StartAsync(_folder);
        runner.Host.Taken[8080] = "nginx";
        runner.Host.Taken[8082] = "python3";

        var result = await runner.ApplyAsync(Written.Stack(
            Written.Service("web").Forwarding(8080, 3000),
            Written.Service("api").Forwarding(8081, 3000),
            Written.Service("admin").Forwarding(8082, 3000)));

        var conflicts = Assert.IsType<ApplyResult.PortsTaken>(result).Conflicts;
        Assert.Equal(
            [("web", 8080, "nginx", 8081), ("admin", 8082, "python3", 8083)],
            conflicts.Select(conflict => (conflict.Service, conflict.Port, conflict.HolderProgram!, conflict.FreeAlternative!.Value)));
        Assert.All(conflicts, conflict => Assert.Equal((4711, Written.Somewhere), (conflict.HolderPid, conflict.Location)));
        Assert.Empty(runner.Host.Instances);
        Assert.Empty(runner.Host.Bound);
        Assert.Empty(runner.Stack.Snapshot());
        Assert.Null(runner.Stack.Stack);
    }

    [Fact]
    public async Task UnusableModules_AreAllReportedBeforeAnyPortIsBound()
    {
        await using var runner = await Runner.StartAsync(_folder);
        runner.Host.Broken["/shop/web.wasm"] = "web.wasm does not exist";
        runner.Host.Broken["/shop/api.wasm"] = "api.wasm is no module";

        var result = await runner.ApplyAsync(Written.Stack(
            Written.Service("web").Forwarding(8080, 3000), Written.Service("api"), Written.Service("db")));

        Assert.Equal(
            [("web", "web.wasm does not exist"), ("api", "api.wasm is no module")],
            Assert.IsType<ApplyResult.ModulesUnusable>(result).Failures.Select(failure => (failure.Service, failure.Message)));
        Assert.Empty(runner.Host.Bindings);
        Assert.Empty(runner.Host.Instances);
    }

    [Fact]
    public async Task RefusedChange_LeavesTheFormerWishInForce()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000));
        runner.Host.Taken[9090] = "nginx";

        Assert.IsType<ApplyResult.PortsTaken>(await runner.ApplyAsync(Written.Stack(
            Written.Service("web").With("A", "1").Forwarding(9090, 3000), Written.Service("new"))));
        await runner.ResyncAsync();
        await runner.ResyncAsync();

        Assert.Equal([8080], runner.Host.Bound.Keys);
        Assert.Equal("web", Assert.Single(runner.Host.Instances).Spec.Name);
        Assert.Equal("web", Assert.Single(runner.Stack.Stack!.Services).Name);
        Assert.IsType<ApplyResult.Applied>(await Runner.InTime(runner.Stack.RestartAsync(["web"], null, Token)));
    }

    [Fact]
    public async Task ChangedService_IsRestartedWhileItsPortStaysOpen()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000), Written.Service("db"));
        var binding = runner.Host.Bound[8080];

        await runner.UpAsync(Written.Service("web").With("LOG", "debug").Forwarding(8080, 3000), Written.Service("db"));

        Assert.False(binding.IsClosed);
        Assert.Equal((2, "debug"), (runner.Status("web").Generation, runner.Instance("web").Spec.Environment["LOG"]));
        Assert.Equal(1, runner.Status("db").Generation);
    }

    [Fact]
    public async Task ChangeThatDoesNotComeUp_IsTriedAgainOnlyWhenSomebodyAsks()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var web = Written.Service("web").Forwarding(8080, 3000);
        await runner.UpAsync(web);
        runner.Host.Behavior = instance => instance.Exit(7);
        var changed = web.With("LOG", "debug");

        var applied = Assert.IsType<ApplyResult.Applied>(await runner.ApplyAsync(Written.Stack(changed)));
        await runner.ResyncAsync();
        await runner.ResyncAsync();

        var failure = Assert.Single(applied.Failures);
        Assert.Equal(("web", "serves on as it was: the new instance exited with code 7 before it was ready"), (failure.Service, failure.Reason));
        Assert.Equal(2, runner.Host.Instances.Count);
        Assert.Equal((ServicePhase.Running, 1, failure.Reason), (runner.Status("web").State, runner.Status("web").Generation, runner.Status("web").Reason));
        Assert.False((await runner.ApplyAsync(Written.Stack(changed)) as ApplyResult.Applied)!.Succeeded);
        Assert.Equal(3, runner.Host.Instances.Count);
    }

    [Fact]
    public async Task ChangedForwards_KeepTheInstance()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000).Forwarding(8081, 3001));
        var kept = runner.Host.Bound[8080];

        await runner.UpAsync(Written.Service("web").Forwarding(8080, 5000).Forwarding(9090, 3001));

        Assert.Equal([8080, 9090], runner.Host.Bound.Keys.Order());
        Assert.Same(kept, runner.Host.Bound[8080]);
        Assert.Equal([(8080, 5000), (9090, 3001)], runner.Status("web").Publishers.Select(port => (port.PublishedPort, port.TargetPort)).Order());
        Assert.Single(runner.Host.Instances);
    }

    [Fact]
    public async Task RenamedService_TakesThePortOverWithoutClosingIt()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000));
        var binding = runner.Host.Bound[8080];
        var renamed = Written.Stack(Written.Service("frontend").Forwarding(8080, 3000));

        var kept = Assert.IsType<ApplyResult.PortsTaken>(await runner.ApplyAsync(renamed));
        Assert.Equal("web", Assert.Single(kept.Conflicts).HolderService);
        Assert.IsType<ApplyResult.Applied>(await runner.ApplyAsync(renamed, new() { RemoveOrphans = true }));

        Assert.Same(binding, runner.Host.Bound[8080]);
        Assert.False(binding.IsClosed);
        Assert.Equal("frontend", Assert.Single(runner.Stack.Snapshot()).Service);
        Assert.True(runner.Instance("web").IsDisposed);
    }

    [Fact]
    public async Task OtherAddress_IsBoundAnewOrElseAsBefore()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000));
        runner.Host.Taken[9090] = "nginx";

        await runner.ApplyAsync(Written.Stack(Written.Service("web").Forwarding(8080, 3000, "0.0.0.0").Forwarding(9090, 3001)));
        Assert.Equal("127.0.0.1", Assert.Single(runner.Status("web").Publishers).Url);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000, "0.0.0.0"));

        Assert.Equal("0.0.0.0", Assert.Single(runner.Status("web").Publishers).Url);
        Assert.Single(runner.Host.Instances);
    }

    [Fact]
    public async Task NetworkThatCannotBeMade_LeavesNoForwardListening()
    {
        await using var runner = await Runner.StartAsync(_folder);
        runner.Host.NetworkRefusal = "No space left on device";

        await Assert.ThrowsAsync<IOException>(() => runner.UpAsync(
            Written.Service("web").Forwarding(8080, 3000), Written.Service("api").Forwarding(8081, 3000), Written.Service("db").Forwarding(8082, 3000)));
        Assert.Empty(runner.Host.Bound);
    }

    [Fact]
    public async Task ChosenServices_BringWhatTheyDependOn()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var stack = Written.Stack(Written.Service("web", "db"), Written.Service("db"), Written.Service("other"));

        await runner.ApplyAsync(stack, new() { Services = ["web"] });
        Assert.Equal(["db", "web"], runner.Stack.Snapshot().Select(status => status.Service), StringComparer.Ordinal);

        var unknown = Assert.IsType<ApplyResult.UnknownServices>(await runner.ApplyAsync(stack, new() { Services = ["wbe"] }));
        Assert.Equal(("wbe", 3), (unknown.Names.Single(), unknown.Known.Count));
    }

    [Fact]
    public async Task ChosenServicesWithoutDependencies_WaitForNobody()
    {
        await using var runner = await Runner.StartAsync(_folder);

        var result = await runner.ApplyAsync(
            Written.Stack(Written.Service("web", "db"), Written.Service("db")), new() { Services = ["web"], NoDependencies = true });

        Assert.True(Assert.IsType<ApplyResult.Applied>(result).Succeeded);
        Assert.Equal("web", Assert.Single(runner.Stack.Snapshot()).Service);
    }

    [Fact]
    public async Task ForceRecreate_ReplacesWhatIsUpToDate()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));

        await runner.ApplyAsync(Written.Stack(Written.Service("web")), new() { ForceRecreate = true });

        Assert.Equal(2, runner.Status("web").Generation);
    }

    [Fact]
    public async Task FailedDependency_FailsTheDependentAndIsReportedWithItsLastLines()
    {
        await using var runner = await Runner.StartAsync(_folder);
        runner.Host.Behavior = instance =>
        {
            instance.Print("no data folder");
            instance.Exit(1);
        };

        var result = await runner.ApplyAsync(Written.Stack(
            Written.Service("web") with { DependsOn = [Written.Dependency("db", DependencyCondition.CompletedSuccessfully)] },
            Written.Service("db")));

        var failure = Assert.Single(Assert.IsType<ApplyResult.Applied>(result).Failures);
        Assert.Equal(("web", "'db', which it depends on, exited with code 1"), (failure.Service, failure.Reason));
        Assert.Equal(["no data folder"], failure.LastLines, StringComparer.Ordinal);
    }

    [Fact]
    public async Task ServiceThatEnded_IsStartedByTheNextUpAndNotByLookingAgain()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("job"));
        runner.Instance("job").Exit(0);
        await runner.ReachesAsync("job", ServicePhase.Exited);

        await runner.ResyncAsync();
        await runner.ResyncAsync();
        Assert.Single(runner.Host.Instances);

        await runner.UpAsync(Written.Service("job"));
        Assert.Equal(2, runner.Host.Instances.Count);
    }

    [Fact]
    public async Task Preview_TouchesNothing()
    {
        await using var runner = await Runner.StartAsync(_folder);

        var preview = await runner.Stack.PreviewAsync(Written.Stack(Written.Service("web").Forwarding(8080, 3000)), new(), Token);

        Assert.Equal(2, Assert.IsType<ApplyResult.Applied>(preview).Plan.Actions.Count);
        Assert.Empty(runner.Host.Bindings);
        Assert.Null(runner.Stack.Stack);
    }

    [Fact]
    public async Task MissingVolume_IsMadeBeforeTheServiceThatMountsIt()
    {
        await using var runner = await Runner.StartAsync(_folder);
        runner.Host.Behavior = _ => Assert.Equal(["data"], runner.Host.Volumes, StringComparer.Ordinal);

        await runner.UpAsync(Written.Service("db").Mounting("data"), Written.Service("other").Mounting("data"));

        Assert.Single(await runner.ToldAsync(), told => told.Kind == StackEventKind.VolumeCreated);
    }
}
