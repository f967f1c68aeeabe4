using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Logs;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

public sealed class DownTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Down_RemovesEverythingAndSaysSo()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web", "db").Forwarding(8080, 3000), Written.Service("db").Mounting("data"));

        var report = await Runner.InTime(runner.Stack.DownAsync(new(Volumes: false, null), Token));

        Assert.True(report.IsClean, string.Join("; ", report.Leftovers));
        Assert.Equal(["web", "db"], report.Services, StringComparer.Ordinal);
        Assert.Equal([8080], report.ReleasedPorts);
        Assert.Empty(report.RemovedVolumes);
        Assert.Equal(["data"], runner.Host.Volumes, StringComparer.Ordinal);
        Assert.Empty(runner.Stack.Snapshot());
        Assert.Null(runner.Stack.Stack);
        Assert.Empty(runner.Host.FindLeftovers());
    }

    [Fact]
    public async Task DownWithVolumes_RemovesThemToo()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("db").Mounting("data"));

        var report = await Runner.InTime(runner.Stack.DownAsync(new(Volumes: true, null), Token));

        Assert.Equal(["data"], report.RemovedVolumes, StringComparer.Ordinal);
        Assert.Empty(runner.Host.Volumes);
    }

    [Fact]
    public async Task DownDuringTheFirstBuild_EndsItsLogToo()
    {
        await using var runner = await Runner.StartAsync(_folder);
        var lines = runner.Logs.ReadAsync(new() { Follow = true }, Token).GetAsyncEnumerator(Token);
        var build = new BuildSpec("echo begun; exec tail -f /dev/null", _folder.At("."));
        var applying = runner.ApplyAsync(Written.Stack(Written.Service("web") with { Build = build }));
        Assert.True(await Runner.InTime(lines.MoveNextAsync().AsTask()));

        await Runner.InTime(runner.Stack.DownAsync(new(Volumes: false, null), Token));

        Assert.False(await Runner.InTime(lines.MoveNextAsync().AsTask()));
        await lines.DisposeAsync();
        await applying;
    }

    [Fact]
    public async Task DownOfNothing_IsClean()
    {
        await using var runner = await Runner.StartAsync(_folder);

        var report = await Runner.InTime(runner.Stack.DownAsync(new(Volumes: true, null), Token));

        Assert.True(report.IsClean);
        Assert.Empty(report.Services);
    }

    [Fact]
    public async Task GuestThatDoesNotEnd_IsReportedAndKeepsNoPort()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web", "db").Forwarding(8080, 3000), Written.Service("db").Forwarding(5432, 5432));
        runner.Instance("web").IsStuck = true;

        var taking = runner.Stack.DownAsync(new(Volumes: false, TimeSpan.FromSeconds(3)), Token);
        Assert.Equal(TimeSpan.FromSeconds(3), await runner.Time.PassDelayAsync());
        var report = await runner.Time.PassDelaysUntilAsync(taking);

        Assert.False(report.IsClean);
        Assert.Contains("service web: its instance did not end in time", report.Leftovers, StringComparer.Ordinal);
        Assert.Contains("instance web-1", report.Leftovers, StringComparer.Ordinal);
        Assert.Equal([5432, 8080], report.ReleasedPorts);
        Assert.Empty(runner.Host.Bound);
        while (!runner.Instance("db").IsDisposed)
        {
            // The clock may have gone on before it had come to its end.
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        runner.Instance("web").Exit(0);
    }

    [Fact]
    public async Task ChosenPort_StaysTheSameOverDownAndAnotherRunner()
    {
        int first;
        await using (var runner = await Runner.StartAsync(_folder))
        {
            runner.Host.Taken[Wasmrun.Planning.Ports.AutomaticPorts.Candidates("shop", "web", 3000, default)[0]] = "somebody";
            await runner.UpAsync(Written.Service("web").Forwarding(null, 3000));
            first = runner.Host.Bound.Keys.Single();
            await runner.Stack.DownAsync(new(Volumes: true, null), Token);
        }

        await using var other = await Runner.StartAsync(_folder);
        await other.UpAsync(Written.Service("web").Forwarding(null, 3000));

        Assert.Equal(first, other.Host.Bound.Keys.Single());
    }

    [Fact]
    public async Task Up_AfterDown_BeginsAnew()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));
        runner.Instance("web").Print("old\n");
        await Runner.InTime(runner.Stack.DownAsync(new(Volumes: false, null), Token));

        await runner.UpAsync(Written.Service("web"));
        runner.Instance("web").Print("new\n");

        Assert.Equal(1, runner.Status("web").Generation);
        Assert.Equal(["new"], await ReadAsync(runner, new()), StringComparer.Ordinal);
    }

    [Fact]
    public async Task FollowersOfLogs_EndWithTheStackAndMissNothing()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"));
        runner.Instance("web").Print("one\ntwo");
        var reading = ReadAsync(runner, new() { Follow = true });
        await runner.ReachesAsync("web", ServicePhase.Running);

        await Runner.InTime(runner.Stack.DownAsync(new(Volumes: false, null), Token));

        Assert.Equal(["one", "two"], await Runner.InTime(reading), StringComparer.Ordinal);
    }

    [Fact]
    public async Task WaitForTheEnd_IsOverWhenTheStackIsTakenDown()
    {
        await using var runner = await Runner.StartAsync(_folder);
        await runner.UpAsync(Written.Service("web"), Written.Service("job"));
        runner.Instance("job").Exit(3);
        await runner.ReachesAsync("job", ServicePhase.Exited);
        var waiting = runner.Stack.WaitForAsync(WaitCondition.Ended, [], null, Token);

        await Runner.InTime(runner.Stack.DownAsync(new(Volumes: false, null), Token));

        var codes = Assert.IsType<WaitResult.Reached>(await Runner.InTime(waiting)).ExitCodes;
        Assert.Equal((3, 143), (codes["job"], codes["web"]));
    }

    private static async Task<List<string>> ReadAsync(Runner runner, LogQuery query) => await runner.Stack
        .ReadLogsAsync(query, Token)
        .Select(line => System.Text.Encoding.UTF8.GetString(line.Bytes.Span))
        .ToListAsync(Token);
}
