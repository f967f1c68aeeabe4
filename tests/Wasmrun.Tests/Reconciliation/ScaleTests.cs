using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

public sealed class ScaleTests : IDisposable
{
    private static readonly ServiceSpec s_web = Written.Service("web").Forwarding(8080, 3000);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Scale_RunsSoManyAndTheNextUpGoesBackToTheManifest()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);

        await ScaleAsync(runner, ("web", 3));
        Assert.Equal(["web-1", "web-2", "web-3"], Names(runner));
        await runner.ResyncAsync();
        Assert.Equal(3, runner.Host.Instances.Count);
        await runner.UpAsync(s_web);

        Assert.Equal(["web-1"], Names(runner));
        Assert.Equal(1, runner.Status("web").Generation);
    }

    [Fact]
    public async Task Scale_TakesNoLookAtTheModuleOfWhatRuns()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);
        runner.Host.Contents["/shop/web.wasm"] = "built anew";

        await ScaleAsync(runner, ("web", 2));

        Assert.Equal(2, runner.Host.Instances.Count);
        Assert.Single(runner.Host.Instances.Select(instance => instance.Module.ContentHash).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ScaleToZero_ClosesTheForwardsAndScaleUpBindsThemAgain()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);

        await ScaleAsync(runner, ("web", 0));
        Assert.Empty(runner.Host.Bound);
        Assert.Equal(ServicePhase.Stopped, runner.Status("web").State);
        await ScaleAsync(runner, ("web", 2));

        Assert.Equal([8080], runner.Host.Bound.Keys);
        Assert.All(runner.Stack.Snapshot(), status => Assert.Equal(ServicePhase.Running, status.State));
        Assert.Equal(2, runner.Stack.Snapshot().Count);
    }

    [Fact]
    public async Task Scale_StartsWhatIsStoppedWithWhatItNeeds()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web with { DependsOn = [Written.Dependency("db")] }, Written.Service("db"));
        await Runner.InTime(runner.Stack.StopAsync([], null, Token));

        await ScaleAsync(runner, ("web", 2));

        Assert.All(runner.Stack.Snapshot(), status => Assert.Equal(ServicePhase.Running, status.State));
        Assert.Equal(["db-1", "web-1", "web-2"], Names(runner));
    }

    [Fact]
    public async Task UpWithScale_OverridesTheManifest()
    {
        await using var runner = await Runner.StartAsync(_folder);

        await runner.ApplyAsync(Written.Stack(s_web), new() { Scale = Replicas(("web", 2)) });

        Assert.Equal(["web-1", "web-2"], Names(runner));
    }

    [Fact]
    public async Task ExclusiveVolume_CannotBeScaled()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var stack = Written.Stack(s_web.Mounting("data"));
        await runner.ApplyAsync(stack with { Volumes = [stack.Volumes[0] with { Exclusive = true }] });

        var refused = Assert.IsType<ApplyResult.Refused>(await Runner.InTime(runner.Stack.ScaleAsync(Replicas(("web", 2)), withDependencies: true, Token)));

        Assert.StartsWith("service 'web' cannot have 2 replicas, because only one instance", Assert.Single(refused.Complaints), StringComparison.Ordinal);
        Assert.Equal(["web-1"], Names(runner));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1001)]
    public async Task NumberOutOfRange_IsRefusedWithTheRange(int count)
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);

        var scaled = Assert.IsType<ApplyResult.Refused>(await Runner.InTime(runner.Stack.ScaleAsync(Replicas(("web", count)), withDependencies: true, Token)));
        var upped = Assert.IsType<ApplyResult.Refused>(
            await Runner.InTime(runner.Stack.ApplyAsync(Written.Stack(s_web), new() { Scale = Replicas(("web", count)) }, Token)));

        Assert.Equal($"service 'web' cannot have {count} replicas; give a number from 0 to 1000", Assert.Single(scaled.Complaints));
        Assert.Equal(scaled.Complaints, upped.Complaints);
        Assert.Equal(["web-1"], Names(runner));
    }

    [Fact]
    public async Task UnknownService_CannotBeScaled()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);

        Assert.IsType<ApplyResult.UnknownServices>(await Runner.InTime(runner.Stack.ScaleAsync(Replicas(("wbe", 2)), withDependencies: true, Token)));
    }

    [Fact]
    public async Task Wait_WaitsForEveryReplicaAndGivesTheFirstCodeThatIsNotZero()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("job") with { Replicas = 3 });
        var wait = runner.Stack.WaitForAsync(WaitCondition.Ended, ["job"], null, Token);

        foreach (var (instance, code) in runner.Host.Instances.OrderBy(instance => instance.Name, StringComparer.Ordinal).Zip([0, 7]))
        {
            instance.Exit(code);
        }

        await runner.ReachesAsync("job", ServicePhase.Exited);
        Assert.False(wait.IsCompleted);
        runner.Host.Instances.Single(instance => !instance.Completion.IsCompleted).Exit(0);

        Assert.Equal(7, Assert.IsType<WaitResult.Reached>(await Runner.InTime(wait)).ExitCodes["job"]);
    }

    [Fact]
    public async Task ReplicaThatFails_EndsTheWaitForReadiness()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web with { Replicas = 2 });
        var wait = runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token);

        runner.Host.Instances.First(instance => instance.Name == "web-2").Exit(3);

        var failure = Assert.Single(Assert.IsType<WaitResult.Failed>(await Runner.InTime(wait)).Failures);
        Assert.Equal(("web", "exited with code 3"), (failure.Service, failure.Reason));
    }

    private static async Task ScaleAsync(Runner runner, params (string Service, int Count)[] replicas)
    {
        var applied = Assert.IsType<ApplyResult.Applied>(await Runner.InTime(runner.Stack.ScaleAsync(Replicas(replicas), withDependencies: true, Token)));
        Assert.True(applied.Succeeded, string.Join("; ", applied.Failures));
    }

    private static Dictionary<string, int> Replicas(params (string Service, int Count)[] replicas) =>
        replicas.ToDictionary(entry => entry.Service, entry => entry.Count, StringComparer.Ordinal);

    private static IEnumerable<string> Names(Runner runner) => runner.Stack.Snapshot().Select(status => status.Name);
}
