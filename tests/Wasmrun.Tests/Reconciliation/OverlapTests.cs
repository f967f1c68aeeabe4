using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

/// <summary>A command that comes while another is under way: nobody who is to stop waits for what does not concern him.</summary>
public sealed class OverlapTests : IDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromHours(1);

    /// <summary>Takes its time to end, and may.</summary>
    private static readonly ServiceSpec s_slow = Written.Service("slow") with { StopGracePeriod = s_grace };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stop", ServicePhase.Stopped)]
    [InlineData("restart", ServicePhase.Running)]
    [InlineData("scale", ServicePhase.Stopped)]
    [InlineData("down", ServicePhase.Stopped)]
    public async Task Command_DoesNotWaitForTheStopOfAnother(string command, ServicePhase phase)
    {
        await using var runner = await Runner.StartAsync(_folder);
        var stopping = await BeginToStopAsync(runner, s_slow, Written.Service("web"));
        var first = runner.Instance("web");

        var other = BeginAsync(runner, command);
        await Runner.InTime(first.Completion);
        await (command == "down" ? runner.HearsAsync("web", StackEventKind.Removed) : runner.ReachesAsync("web", phase));

        Assert.Equal((ServicePhase.Stopping, false), (runner.Status("slow").State, runner.Instance("slow").IsTold));
        runner.Instance("slow").Exit(0);
        await Runner.InTime(stopping);
        await other;
    }

    [Fact]
    public async Task SecondStop_MayGiveLessTime()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var first = await BeginToStopAsync(runner, s_slow);

        var second = runner.Stack.StopAsync(["slow"], TimeSpan.Zero, Token);

        await Runner.InTime(second);
        await Runner.InTime(first);
        Assert.Equal((ServicePhase.Stopped, true), (runner.Status("slow").State, runner.Instance("slow").IsTold));
    }

    [Fact]
    public async Task StopDuringARestart_StartsNothing()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_slow with { UpdateOrder = UpdateOrder.StopFirst });
        runner.Instance("slow").IsTerminable = true;
        var restarting = runner.Stack.RestartAsync(["slow"], null, Token);
        await runner.Time.NextDelayAsync();

        var stopping = runner.Stack.StopAsync(["slow"], TimeSpan.Zero, Token);

        await Runner.InTime(stopping);
        await Runner.InTime(restarting);
        Assert.Equal(ServicePhase.Stopped, runner.Status("slow").State);
        Assert.Single(runner.Host.Instances);
    }

    [Fact]
    public async Task RestartThatIsInterrupted_IsFinishedOnce()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_slow with { UpdateOrder = UpdateOrder.StopFirst }, Written.Service("web"));
        var slow = runner.Instance("slow");
        slow.IsTerminable = true;
        var restarting = runner.Stack.RestartAsync(["slow"], null, Token);
        await runner.Time.NextDelayAsync();

        var stopping = runner.Stack.StopAsync(["web"], null, Token);
        await runner.ReachesAsync("web", ServicePhase.Stopped);
        Assert.False(slow.IsTold);
        slow.Exit(0);

        await Runner.InTime(restarting);
        await Runner.InTime(stopping);
        Assert.Equal((ServicePhase.Running, 2, 1), (runner.Status("slow").State, runner.Status("slow").Generation, slow.Terminations));
    }

    [Fact]
    public async Task ReplicaWhoseRestartIsInterrupted_IsStartedAgain()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var db = Written.Service("db") with { UpdateOrder = UpdateOrder.StopFirst };
        await runner.UpAsync(
            s_slow with { UpdateOrder = UpdateOrder.StopFirst, Replicas = 2, DependsOn = [Written.Dependency("db", restart: true)] }, db, Written.Service("web"));
        var slow = runner.Host.Instances.First(instance => instance.Name == "slow-1");
        slow.IsTerminable = true;
        var restarting = runner.Stack.RestartAsync(["db"], null, Token);
        await runner.Time.NextDelayAsync();

        var stopping = runner.Stack.StopAsync(["web"], null, Token);
        await runner.ReachesAsync("web", ServicePhase.Stopped);
        slow.Exit(0);

        await Runner.InTime(restarting);
        await Runner.InTime(stopping);
        Assert.All(runner.Stack.Snapshot().Where(status => status.Service == "slow"), status => Assert.Equal(ServicePhase.Running, status.State));
    }

    [Fact]
    public async Task WhatOthersDependOn_StillStopsAfterThem()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var stopping = await BeginToStopAsync(runner, s_slow with { DependsOn = [Written.Dependency("db")] }, Written.Service("db"), Written.Service("web"));

        var other = runner.Stack.StopAsync(["web"], null, Token);
        await runner.ReachesAsync("web", ServicePhase.Stopped);

        Assert.Equal((ServicePhase.Stopping, ServicePhase.Running), (runner.Status("slow").State, runner.Status("db").State));
        runner.Instance("slow").Exit(0);
        await Runner.InTime(stopping);
        await Runner.InTime(other);
        Assert.Equal(ServicePhase.Stopped, runner.Status("db").State);
    }

    [Fact]
    public async Task Stop_DoesNotWaitForABuild()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var web = Written.Service("web").Forwarding(8080, 3000);
        await runner.UpAsync(web);
        var upping = runner.Stack.ApplyAsync(Written.Stack(web, Building()), new(), Token);
        await runner.HearsAsync("built", StackEventKind.Building);

        var stopping = runner.Stack.StopAsync(["web"], null, Token);
        await runner.ReachesAsync("web", ServicePhase.Stopped);
        await runner.HearsAsync("web", StackEventKind.ForwardReleased);

        await Runner.InTime(runner.Stack.KillAsync([], Token));
        await Runner.InTime(stopping);
        await Runner.InTime(upping);
    }

    /// <summary>A service whose build never ends by itself.</summary>
    private ServiceSpec Building() => Written.Service("built") with { Build = new("exec tail -f /dev/null", _folder.At("")) };

    /// <summary>Brings services up and begins to stop all of them, or the slow one alone when others do not depend on one another.</summary>
    private static async Task<Task<ApplyResult>> BeginToStopAsync(Runner runner, params ServiceSpec[] services)
    {
        await runner.UpAsync(services);
        runner.Instance("slow").IsTerminable = true;
        var stopping = runner.Stack.StopAsync(["slow", .. services[0].DependsOn.Select(dependency => dependency.Service)], null, Token);
        Assert.Equal(s_grace, await runner.Time.NextDelayAsync());
        return stopping;
    }

    private static Task BeginAsync(Runner runner, string command) => command switch
    {
        "stop" => runner.Stack.StopAsync(["web"], null, Token),
        "restart" => runner.Stack.RestartAsync(["web"], null, Token),
        "scale" => runner.Stack.ScaleAsync(new Dictionary<string, int>(StringComparer.Ordinal) { ["web"] = 0 }, withDependencies: true, Token),
        _ => runner.Stack.DownAsync(new DownOptions(Volumes: false), Token),
    };
}
