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
    public async Task Command_DoesNotWaitForTheStopOfAnother(string command, ServicePhase phase)
    {
        await using var runner = await Runner.StartAsync(_folder);
        var stopping = await BeginToStopAsync(runner, s_slow, Written.Service("web"));
        var first = runner.Instance("web");

        var answer = await Runner.InTime(BeginAsync(runner, command));

        Assert.True(Assert.IsType<ApplyResult.Applied>(answer).Succeeded);
        Assert.Equal((phase, true, false), (runner.Status("web").State, first.IsTold, stopping.IsCompleted));
        Assert.Equal((ServicePhase.Stopping, false), (runner.Status("slow").State, runner.Instance("slow").IsTold));
        runner.Instance("slow").Exit(0);
        await Runner.InTime(stopping);
    }

    [Fact]
    public async Task Down_StopsOthersWhileOneTakesItsTime()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var stopping = await BeginToStopAsync(runner, s_slow, Written.Service("web"));

        var down = runner.Stack.DownAsync(new DownOptions(Volumes: false), Token);
        await runner.HearsAsync("web", StackEventKind.Removed);

        Assert.False(runner.Instance("slow").IsTold);
        runner.Instance("slow").Exit(0);
        Assert.True((await Runner.InTime(down)).IsClean);
        await Runner.InTime(stopping);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("restart")]
    [InlineData("scale")]
    public async Task Command_DoesNotFailWithAnother(string command)
    {
        await using var runner = await Runner.StartAsync(_folder);
        var web = Written.Service("web");
        var db = Written.Service("db").Forwarding(5432, 5432);
        await runner.UpAsync(web, db);
        var upping = runner.Stack.ApplyAsync(
            Written.Stack(web, db, Written.Service("api") with { DependsOn = [Written.Dependency("db", DependencyCondition.Healthy)] }),
            new() { Services = ["api"] },
            Token);
        await runner.ReachesAsync("api", ServicePhase.Waiting);

        var answer = await Runner.InTime(BeginAsync(runner, command));
        await runner.ReachesAsync("api", ServicePhase.Waiting);
        runner.Instance("db").Exit(1);

        Assert.True(Assert.IsType<ApplyResult.Applied>(answer).Succeeded);
        Assert.All(((ApplyResult.Applied)answer).Plan.Actions, action => Assert.EndsWith("web", action.Id, StringComparison.Ordinal));
        Assert.Equal("api", Assert.Single(Assert.IsType<ApplyResult.Applied>(await Runner.InTime(upping)).Failures).Service);
    }

    [Fact]
    public async Task ChangeThatCannotBe_IsGivenUpWithoutTheOthers()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var web = Written.Service("web");
        var db = Written.Service("db");
        await runner.UpAsync(web, db);
        var door = _folder.At("door");
        var upping = runner.Stack.ApplyAsync(
            Written.Stack(web, db, Written.Service("built") with { Build = new($"until test -e '{door}'; do :; done; exit 3", _folder.At("")) }),
            new() { Services = ["built"] },
            Token);
        await runner.HearsAsync("built", StackEventKind.Building);

        var stopping = await Runner.InTime(runner.Stack.StopAsync(["web"], null, Token));
        var restarting = runner.Stack.RestartAsync(["db"], null, Token);
        await File.WriteAllTextAsync(door, "", Token);

        Assert.True(Assert.IsType<ApplyResult.Applied>(stopping).Succeeded);
        Assert.Equal("built", Assert.Single(Assert.IsType<ApplyResult.ModulesUnusable>(await Runner.InTime(upping)).Failures).Service);
        Assert.True(Assert.IsType<ApplyResult.Applied>(await Runner.InTime(restarting)).Succeeded);
        await runner.ResyncAsync();
        Assert.Equal((ServicePhase.Stopped, ServicePhase.Running, 2), (runner.Status("web").State, runner.Status("db").State, runner.Status("db").Generation));
        Assert.False(runner.Stack.IsToRun("web"));
    }

    [Theory]
    [InlineData("stop", "another command has overruled this one: 'built' is to be stopped")]
    [InlineData("kill", "another command has overruled this one: 'built' is to be stopped")]
    [InlineData("down", "another command has overruled this one: 'built' is to be stopped")]
    public async Task CommandThatIsOverruled_SaysSo(string command, string reason)
    {
        await using var runner = await Runner.StartAsync(_folder);
        var web = Written.Service("web");
        await runner.UpAsync(web);
        var upping = runner.Stack.ApplyAsync(Written.Stack(web, Building()), new() { Services = ["built"] }, Token);
        await runner.HearsAsync("built", StackEventKind.Building);

        Task other = command switch
        {
            "stop" => runner.Stack.StopAsync(["built"], null, Token),
            "kill" => runner.Stack.KillAsync(["built"], Token),
            _ => runner.Stack.DownAsync(new DownOptions(Volumes: false), Token),
        };

        Assert.Equal(reason, Assert.IsType<ApplyResult.Abandoned>(await Runner.InTime(upping)).Reason);
        await other;
    }

    [Fact]
    public async Task CommandThatIsOverruledInPart_SaysWhichPart()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));
        var upping = runner.Stack.ApplyAsync(Written.Stack(Written.Service("web"), Building()), new(), Token);
        await runner.HearsAsync("built", StackEventKind.Building);

        await Runner.InTime(runner.Stack.StopAsync(["built"], null, Token));

        var failure = Assert.Single(Assert.IsType<ApplyResult.Applied>(await Runner.InTime(upping)).Failures);
        Assert.Equal(("built", "another command has stopped it meanwhile"), (failure.Service, failure.Reason));
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
        await runner.Time.HasDelayAsync(s_grace);

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
        await runner.Time.HasDelayAsync(s_grace);

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
        await runner.Time.HasDelayAsync(s_grace);

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

        var stopped = await Runner.InTime(runner.Stack.StopAsync(["web"], null, Token));

        Assert.True(Assert.IsType<ApplyResult.Applied>(stopped).Succeeded);
        Assert.Equal((ServicePhase.Stopped, false), (runner.Status("web").State, upping.IsCompleted));
        Assert.Empty(runner.Host.Bound);
        await Runner.InTime(runner.Stack.KillAsync([], Token));
        await Runner.InTime(upping);
    }

    /// <summary>A service whose build never ends by itself.</summary>
    private ServiceSpec Building() => Written.Service("built") with { Build = new("exec tail -f /dev/null", _folder.At("")) };

    /// <summary>Brings services up and begins to stop the first, which is the slow one, and what it depends on.</summary>
    private static async Task<Task<ApplyResult>> BeginToStopAsync(Runner runner, params ServiceSpec[] services)
    {
        await runner.UpAsync(services);
        runner.Instance("slow").IsTerminable = true;
        var stopping = runner.Stack.StopAsync(["slow", .. services[0].DependsOn.Select(dependency => dependency.Service)], null, Token);
        await runner.Time.HasDelayAsync(s_grace);
        return stopping;
    }

    private static Task<ApplyResult> BeginAsync(Runner runner, string command) => command switch
    {
        "stop" => runner.Stack.StopAsync(["web"], null, Token),
        "restart" => runner.Stack.RestartAsync(["web"], null, Token),
        _ => runner.Stack.ScaleAsync(new Dictionary<string, int>(StringComparer.Ordinal) { ["web"] = 0 }, withDependencies: true, Token),
    };
}
