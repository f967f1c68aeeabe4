using Wasmrun.Reconciliation.State;
using Wasmrun.Supervision.Events;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

public sealed class StackRecorderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ProjectState Project => new(_folder.At("state"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Record_SaysWhatIsWishedAndWhatThereIs()
    {
        await using var runner = await Runner.StartAsync(_folder);
        using var recorder = await RecordAsync(runner);
        await runner.UpAsync(Written.Service("web").Forwarding(8080, 3000) with { Replicas = 2 }, Written.Service("db"));
        await Runner.InTime(runner.Stack.StopAsync(["db"], null, Token));

        var record = await ReadsAsync(
            runner, record => record is not null && record.Observed.Any(instance => instance.State == "stopped") && record.Desired.Any(service => !service.Runs));

        Assert.Equal([("web", true, 2), ("db", false, 1)], record!.Desired.Select(service => (service.Service, service.Runs, service.Replicas)));
        Assert.Equal(
            [("db-1", "stopped", 0), ("web-1", "running", 1), ("web-2", "running", 1)],
            record.Observed.Select(instance => (instance.Name, instance.State, instance.Publishers.Count)));
        Assert.Equal((Environment.ProcessId, "shop"), (record.Runner, record.Project));
        await recorder.StopAsync(Token);
    }

    [Fact]
    public async Task Down_RemovesTheRecord()
    {
        await using var runner = await Runner.StartAsync(_folder);
        using var recorder = await RecordAsync(runner);
        await runner.UpAsync(Written.Service("web"));
        await ReadsAsync(runner, record => record is not null);

        await Runner.InTime(runner.Stack.DownAsync(new(Volumes: false, GracePeriod: null), Token));

        await ReadsAsync(runner, record => record is null);
        await recorder.StopAsync(Token);
        Assert.Null(Project.Record);
    }

    [Fact]
    public async Task RecordOfAKilledRunner_IsToldOfAndItsLogsAreRemovedAsFarAsNobodyNeedsThem()
    {
        Project.Keep(new(4711, DateTimeOffset.UnixEpoch, "shop", "/shop", [], [], [Instance("web", 1), Instance("web", 2), Instance("gone", 1)]));
        var logs = Project.Record!.Observed.Select(instance => Directory.CreateDirectory(Path.Combine(Project.LogsDirectory, instance.Name)).FullName).ToList();
        await using var runner = await Runner.StartAsync(_folder);
        using var recorder = await RecordAsync(runner);
        Assert.Equal(4711, Project.Record?.Runner);

        await runner.UpAsync(Written.Service("web"));
        await ReadsAsync(runner, record => record?.Runner == Environment.ProcessId);

        Assert.Equal([true, false, false], logs.Select(Directory.Exists));
        var recovered = (await runner.ToldAsync()).Single(told => told.Kind == StackEventKind.Recovered);
        Assert.Equal("the former runner (pid 4711) was killed with 3 instances; the stack is started anew", recovered.Cause);
        await recorder.StopAsync(Token);
    }

    [Fact]
    public async Task RecordThatIsYoungerThanItsInstances_SaysNothingOfTheirNumber()
    {
        Project.Keep(new(4711, DateTimeOffset.UnixEpoch, "shop", "/shop", [], [], []));
        await using var runner = await Runner.StartAsync(_folder);
        using var recorder = await RecordAsync(runner);

        await runner.UpAsync(Written.Service("web"));
        await ReadsAsync(runner, record => record?.Runner == Environment.ProcessId);

        var recovered = (await runner.ToldAsync()).Single(told => told.Kind == StackEventKind.Recovered);
        Assert.Equal("the former runner (pid 4711) was killed; the stack is started anew", recovered.Cause);
        await recorder.StopAsync(Token);
    }

    [Fact]
    public async Task DamagedRecord_CountsAsNone()
    {
        Project.Keep(new(4711, DateTimeOffset.UnixEpoch, "shop", "/shop", [], [], []));
        await File.WriteAllTextAsync(Path.Combine(_folder.At("state"), "stack.json"), """{ "Runner": 47""", Token);

        Assert.Null(Project.Record);
    }

    private static RecordedInstance Instance(string service, int number) =>
        new(service, $"{service}-{number}", "running", "none", 1, null, 0, null, null, []);

    private async Task<StackRecorder> RecordAsync(Runner runner)
    {
        var recorder = new StackRecorder(runner.Stack, Project, runner.Events, runner.Time);
        await recorder.StartAsync(Token);
        return recorder;
    }

    /// <summary>Lets the recorder's pauses pass until it has written what is waited for.</summary>
    private async Task<StackRecord?> ReadsAsync(Runner runner, Func<StackRecord?, bool> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var record = Project.Record;
            if (condition(record))
            {
                return record;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30), $"the record is {record}");
            runner.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }
}
