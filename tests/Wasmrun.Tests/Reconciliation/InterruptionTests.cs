using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

/// <summary>What becomes of a command under way when another comes that cannot be, or that wishes something else.</summary>
public sealed class InterruptionTests : IDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromHours(1);
    private static readonly ServiceSpec s_web = Written.Service("web");
    private static readonly ServiceSpec s_db = Written.Service("db").Forwarding(5432, 5432);

    /// <summary>Waits until the other listens.</summary>
    private static readonly ServiceSpec s_api = Written.Service("api") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] };

    /// <summary>Takes its time to end.</summary>
    private static readonly ServiceSpec s_slow = Written.Service("slow") with { StopGracePeriod = s_grace, UpdateOrder = UpdateOrder.StopFirst };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("api", "web")]
    public async Task CommandThatWasAccepted_HasNothingToDoWithOneThatCannotBe(params string[] services)
    {
        await using var runner = await Runner.StartAsync(_folder);
        var upping = runner.Stack.ApplyAsync(Written.Stack(s_web, s_db, s_api), new() { Services = services }, Token);
        await runner.ReachesAsync("api", ServicePhase.Waiting);
        await runner.ReachesAsync("web", ServicePhase.Running);
        runner.Host.Broken["/shop/web.wasm"] = "unexpected end of file";

        Assert.IsType<ApplyResult.ModulesUnusable>(await Runner.InTime(runner.Stack.RestartAsync(["web"], null, Token)));

        Assert.False(upping.IsCompleted);
        runner.Instance("db").Listen(5432);
        Assert.True(Assert.IsType<ApplyResult.Applied>(await Runner.InTime(upping)).Succeeded);
    }

    [Fact]
    public async Task CommandThatWasAccepted_IsNotCarriedOutTwiceBecauseOfOneThatCannotBe()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_slow, s_db, Written.Service("other"));
        runner.Instance("slow").IsTerminable = true;
        var restarting = runner.Stack.RestartAsync(["slow", "db"], null, Token);
        await runner.Time.HasDelayAsync(s_grace);
        await runner.HearsAsync("db", StackEventKind.Swapped);
        runner.Host.Broken["/shop/other.wasm"] = "unexpected end of file";

        Assert.IsType<ApplyResult.ModulesUnusable>(await Runner.InTime(runner.Stack.RestartAsync(["other"], null, Token)));
        runner.Instance("slow").Exit(0);

        Assert.True(Assert.IsType<ApplyResult.Applied>(await Runner.InTime(restarting)).Succeeded);
        Assert.Equal((2, 2), (runner.Status("slow").Generation, runner.Status("db").Generation));
    }

    [Theory]
    [InlineData]
    [InlineData("api", "db")]
    public async Task WhatFailedBeforeAnInterruption_IsPartOfTheAnswer(params string[] services)
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web, s_db, Written.Service("cache").Forwarding(6379, 6379));
        runner.Host.Behavior = instance => instance.Exit(7);
        var api = s_api with { DependsOn = [Written.Dependency("cache", DependencyCondition.Healthy)] };
        var upping = runner.Stack.ApplyAsync(
            Written.Stack(s_web, s_db.With("LOG", "debug"), Written.Service("cache").Forwarding(6379, 6379), api), new() { Services = services }, Token);
        await runner.ReachesAsync("api", ServicePhase.Waiting);
        await runner.HearsAsync("db", StackEventKind.SwapFailed);
        runner.Host.Behavior = _ => { };

        await Runner.InTime(runner.Stack.StopAsync(["web"], null, Token));
        runner.Instance("cache").Listen(6379);

        var answer = Assert.IsType<ApplyResult.Applied>(await Runner.InTime(upping));
        Assert.Contains("db", answer.Failures.Select(failure => failure.Service), StringComparer.Ordinal);
        Assert.Equal(["start api", "swap db"], answer.Plan.Actions.Select(action => action.Id).Where(id => !id.EndsWith("web", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task MistakeInOneStep_EndsNeitherTheLoopNorOthers()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);
        runner.Host.Making = () => throw new InvalidOperationException("a mistake of the runner");

        await Assert.ThrowsAsync<InvalidOperationException>(() => runner.ApplyAsync(Written.Stack(s_web, s_db), new() { Services = ["db"] }));
        runner.Host.Making = () => { };

        Assert.True(Assert.IsType<ApplyResult.Applied>(await Runner.InTime(runner.Stack.RestartAsync(["web"], null, Token))).Succeeded);
    }

    [Fact]
    public async Task ServiceThatIsNoLongerDeclaredWhileItRestarts_IsStoppedInTheEnd()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_slow, s_web);
        runner.Instance("slow").IsTerminable = true;
        var restarting = runner.Stack.RestartAsync(["slow"], null, Token);
        await runner.Time.HasDelayAsync(s_grace);

        var upping = runner.ApplyAsync(Written.Stack(s_web));
        runner.Instance("slow").Exit(0);

        Assert.IsType<ApplyResult.Applied>(await upping);
        await Runner.InTime(restarting);
        await runner.ReachesAsync("slow", ServicePhase.Stopped);
        Assert.Single(runner.Host.Instances, instance => instance.Name == "slow-1");
    }
}
