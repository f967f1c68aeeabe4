using System.Text;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.OneOffs;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

/// <summary>Instances that run once beside the stack, from their request to their removal.</summary>
public sealed class OneOffTests : IDisposable
{
    private static readonly ServiceSpec s_web = Written.Service("web").Forwarding(8080, 3000);
    private static readonly ServiceSpec s_job = Written.Service("job", "web");
    private static readonly ServiceSpec s_once = s_job with { Name = "job-run-1", OneOffOf = "job" };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_StartsWhatItNeedsAndNotItsService_AndRemovesItselfAlone()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using var run = Begin(runner, s_once);
        await runner.ReachesAsync(s_once.Name, ServicePhase.Running);
        Assert.Equal(["job-run-1", "web-1"], Names(runner));

        runner.Instance(s_once.Name).Print("first\nlast");
        runner.Instance(s_once.Name).Exit(4);

        var printed = await Runner.InTime(run.ReadAsync().Select(piece => Encoding.UTF8.GetString(piece.Bytes.Span)).ToListAsync(Token).AsTask());
        var ended = Assert.IsType<OneOffResult.Ended>(await Runner.InTime(run.Result));
        Assert.Equal("first\nlast", string.Concat(printed));
        Assert.Equal((ServicePhase.Exited, 4), (ended.State, ended.ExitCode));
        Assert.Equal(["web-1"], Names(runner));
        Assert.False(await runner.Stack.TryRetireAsync(() => true));
    }

    [Fact]
    public async Task Up_LeavesItAlone_AndMayNotTakeItsName()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);
        await using var run = Begin(runner, s_once with { DependsOn = [] });
        await runner.ReachesAsync(s_once.Name, ServicePhase.Running);
        runner.Host.Contents["/shop/job.wasm"] = "built anew";

        await runner.ApplyAsync(Written.Stack(s_web.With("A", "b")), new() { RemoveOrphans = true, ForceRecreate = true });
        Assert.IsType<ApplyResult.Refused>(await runner.ApplyAsync(Written.Stack(s_web, Written.Service(s_once.Name))));
        Assert.IsType<ApplyResult.Applied>(await Runner.InTime(runner.Stack.RestartAsync([], null, Token)));
        Assert.IsType<ApplyResult.Refused>(await Runner.InTime(runner.Stack.RestartAsync([s_once.Name], null, Token)));
        Assert.IsType<ApplyResult.Applied>(await Runner.InTime(runner.Stack.StopAsync([], null, Token)));

        Assert.Equal(ServicePhase.Stopped, runner.Status("web").State);
        Assert.Equal((ServicePhase.Running, 1), (runner.Status(s_once.Name).State, runner.Status(s_once.Name).Generation));
    }

    [Fact]
    public async Task SecondOneOfTheSameName_IsRefused_AndTheFirstOneGoesOn()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using var first = Begin(runner, s_once);
        await runner.ReachesAsync(s_once.Name, ServicePhase.Running);

        await using (var second = Begin(runner, s_once))
        {
            Assert.IsType<ApplyResult.Refused>(Assert.IsType<OneOffResult.Refused>(await Runner.InTime(second.Result)).Answer);
            Assert.Empty(await second.ReadAsync().ToListAsync(Token));
        }

        Assert.Equal(ServicePhase.Running, runner.Status(s_once.Name).State);
    }

    [Fact]
    public async Task StoppedByItsName_IsOver()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using var run = Begin(runner, s_once);
        await runner.ReachesAsync(s_once.Name, ServicePhase.Running);

        await Runner.InTime(runner.Stack.StopAsync([s_once.Name], null, Token));

        Assert.Equal(ServicePhase.Stopped, Assert.IsType<OneOffResult.Ended>(await Runner.InTime(run.Result)).State);
        Assert.Equal(["web-1"], Names(runner));
    }

    [Fact]
    public async Task StoppedWhileItWaits_IsOver()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using var run = Begin(runner, s_once with { DependsOn = [Written.Dependency("web", DependencyCondition.CompletedSuccessfully)] });
        await runner.ReachesAsync(s_once.Name, ServicePhase.Waiting);

        await Runner.InTime(runner.Stack.StopAsync([s_once.Name], null, Token));

        Assert.Equal(ServicePhase.Stopped, Assert.IsType<OneOffResult.Ended>(await Runner.InTime(run.Result)).State);
    }

    [Fact]
    public async Task Disposed_IsStoppedAndRemoved()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using (Begin(runner, s_once))
        {
            await runner.ReachesAsync(s_once.Name, ServicePhase.Running);
        }

        Assert.Equal(["web-1"], Names(runner));
        Assert.True(runner.Instance(s_once.Name).IsTold);
        Assert.Equal(["web-1"], Directory.EnumerateDirectories(_folder.At("logs")).Select(Path.GetFileName).DefaultIfEmpty("web-1"));
    }

    [Fact]
    public async Task FailedDependency_IsTheReason()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using var run = Begin(runner, s_once with { DependsOn = [Written.Dependency("web", DependencyCondition.CompletedSuccessfully)] });
        await runner.ReachesAsync("web", ServicePhase.Running);

        runner.Instance("web").Exit(7);

        var ended = Assert.IsType<OneOffResult.Ended>(await Runner.InTime(run.Result));
        Assert.Equal((ServicePhase.Failed, "'web', which it depends on, exited with code 7"), (ended.State, ended.Reason));
    }

    [Fact]
    public async Task WithNothingThatStaysUp_TheStackIsOver()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using var run = Begin(runner, s_once);
        await runner.ReachesAsync(s_once.Name, ServicePhase.Running);
        Assert.False(await runner.Stack.TryRetireAsync(() => true));
        runner.Instance("web").Exit(0);
        await runner.ReachesAsync("web", ServicePhase.Exited);

        runner.Instance(s_once.Name).Exit(0);
        await Runner.InTime(run.Result);

        Assert.False(await runner.Stack.TryRetireAsync(() => false));
        Assert.True(await runner.Stack.TryRetireAsync(() => true));
        Assert.Empty(runner.Stack.Snapshot());
        Assert.IsType<ApplyResult.Abandoned>(await runner.ApplyAsync(Written.Stack(s_web)));
    }

    [Fact]
    public async Task Down_EndsIt()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await using var run = Begin(runner, s_once);
        await runner.ReachesAsync(s_once.Name, ServicePhase.Running);

        await Runner.InTime(runner.Stack.DownAsync(new(Volumes: false, null), Token));

        Assert.Equal(ServicePhase.Stopped, Assert.IsType<OneOffResult.Ended>(await Runner.InTime(run.Result)).State);
        Assert.Empty(await run.ReadAsync().ToListAsync(Token));
    }

    [Fact]
    public async Task WaitForAllToBeReady_IsNotAboutIt()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(s_web);
        await using var run = Begin(runner, s_once);
        await runner.ReachesAsync(s_once.Name, ServicePhase.Running);
        runner.Instance("web").Listen(3000);
        runner.Instance(s_once.Name).Exit(1);

        Assert.IsType<WaitResult.Reached>(await Runner.InTime(runner.Stack.WaitForAsync(WaitCondition.Ready, [], null, Token)));
    }

    private static OneOffRun Begin(Runner runner, ServiceSpec oneOff) =>
        OneOffRun.Begin(runner.Stack, Written.Stack(s_web, s_job), oneOff, build: false);

    private static IEnumerable<string> Names(Runner runner) => runner.Stack.Snapshot().Select(status => status.Name);
}
