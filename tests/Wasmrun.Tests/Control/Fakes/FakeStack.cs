using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Wasmrun.Control.Api;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Tests.Control.Fakes;

/// <summary>A stack without services behind it: answers what the test has put there and notes what it was asked.</summary>
internal sealed class FakeStack : IStackControl
{
    private readonly List<Channel<StackEvent>> _subscribers = [];
    private readonly TaskCompletionSource _down = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;

    internal ProjectInfo Project { get; set; } = new(
        "shop", "/shop", ["/shop/wasmrun-compose.yaml"], Pid: 4711, "1.2.3", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Detached: true);

    internal List<ServiceStatus> Services { get; } = [];

    internal bool HasSubscribers
    {
        get
        {
            lock (_subscribers)
            {
                return _subscribers.Count > 0;
            }
        }
    }

    internal List<string> Asked { get; } = [];

    internal List<object> Requests { get; } = [];

    internal Func<ApplyRequest, Task<ApplyReply>> OnApply { get; set; } = _ => Task.FromResult<ApplyReply>(Nothing);

    internal Func<Task<ApplyReply>> OnChange { get; set; } = () => Task.FromResult<ApplyReply>(Nothing);

    /// <summary>When set, answers waits instead of <see cref="OnWait"/>.</summary>
    internal Func<WaitRequest, CancellationToken, Task<WaitResult>>? OnWaitFor { get; set; }

    internal Func<CancellationToken, Task<WaitResult>> OnWait { get; set; } =
        token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ContinueWith<WaitResult>(
            _ => throw new OperationCanceledException(token), TaskScheduler.Default);

    internal Func<Task<DownReport>> OnDown { get; set; } = () => Task.FromResult(new DownReport([], [], [], []));

    /// <summary>What a log reader gets; after it, a follower waits until the stack is down.</summary>
    internal List<LogLine> Log { get; } = [];

    internal LogQuery? LogQuery { get; private set; }

    internal EventQuery? LastEventQuery { get; private set; }

    /// <summary>Why watching fails, when it does.</summary>
    internal Exception? WatchFailure { get; set; }

    internal static ApplyReply.Applied Nothing { get; } = new([], [], []);

    internal static ServiceStatus Status(string service, ServicePhase state = ServicePhase.Running, params Publisher[] publishers) => new(
        "shop",
        service,
        $"{service}-1",
        state,
        HealthState.Healthy,
        ExitCode: null,
        publishers,
        $"/shop/{service}.wasm",
        StartedAt: null,
        Restarts: 0,
        Generation: 1,
        WaitingClients: 0,
        Reason: null,
        LastLines: [],
        EventSequence: 0);

    internal void Publish(StackEventKind kind, string service, string cause = "", params (string Name, string Value)[] attributes)
    {
        lock (_subscribers)
        {
            var happened = new StackEvent(
                ++_sequence, default, "shop", service, $"{service}-1", 1, kind, cause, attributes.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal));
            _subscribers.ForEach(subscriber => subscriber.Writer.TryWrite(happened));
        }
    }

    public Task<ProjectInfo> GetProjectAsync(CancellationToken token) => Task.FromResult(Project);

    public Task<IReadOnlyList<ServiceStatus>> GetServicesAsync(CancellationToken token) => Task.FromResult<IReadOnlyList<ServiceStatus>>([.. Services]);

    /// <summary>What is answered when somebody asks what is used, one answer after the other; the last one stays.</summary>
    internal Queue<IReadOnlyList<InstanceStats>> Stats { get; } = [];

    public Task<IReadOnlyList<InstanceStats>> GetStatsAsync(CancellationToken token) =>
        Task.FromResult(Stats.Count > 1 ? Stats.Dequeue() : Stats.TryPeek(out var last) ? last : []);

    public Task<ApplyReply> ApplyAsync(ApplyRequest request, CancellationToken token)
    {
        Note("apply", request);
        return OnApply(request);
    }

    public Task<ApplyReply> PreviewAsync(ApplyRequest request, CancellationToken token)
    {
        Note("plan", request);
        return OnApply(request);
    }

    /// <summary>What there is to tell of something that runs once; after it, the runner waits until nobody listens any more.</summary>
    internal List<OneOffNews> News { get; } = [];

    public async IAsyncEnumerable<OneOffNews> RunAsync(RunRequest request, [EnumeratorCancellation] CancellationToken token)
    {
        Note("run", request);
        foreach (var news in News)
        {
            yield return news;
        }

        if (News is not [.., OneOffNews.Answered or OneOffNews.Ended])
        {
            var left = new TaskCompletionSource();
            await using var leaving = token.Register(left.SetResult);
            await left.Task;
            Note("left", request);
        }
    }

    public Task<ApplyReply> RestartAsync(ServicesRequest request, CancellationToken token) => Change("restart", request);

    public Task<ApplyReply> StopAsync(ServicesRequest request, CancellationToken token) => Change("stop", request);

    public Task<ApplyReply> StartAsync(ServicesRequest request, CancellationToken token) => Change("start", request);

    public Task<ApplyReply> KillAsync(ServicesRequest request, CancellationToken token) => Change("kill", request);

    public Task<ApplyReply> PreviewDownAsync(DownOptions options, CancellationToken token)
    {
        Note("plan down", options);
        return OnChange();
    }

    public Task<ApplyReply> ScaleAsync(ScaleRequest request, CancellationToken token)
    {
        Note("scale", request);
        return OnChange();
    }

    public Task<WaitResult> WaitAsync(WaitRequest request, CancellationToken token)
    {
        Note("wait", request);
        return OnWaitFor?.Invoke(request, token) ?? OnWait(token);
    }

    public async Task WatchAsync(WatchRequest request, CancellationToken token)
    {
        Note("watch", request);
        if (WatchFailure is { } failure)
        {
            throw failure;
        }

        await _down.Task.WaitAsync(token);
    }

    public async Task<DownReport> DownAsync(DownOptions options, CancellationToken token)
    {
        Note("down", options);
        var report = await OnDown();
        _down.TrySetResult();
        lock (_subscribers)
        {
            _subscribers.ForEach(subscriber => subscriber.Writer.TryComplete());
        }

        return report;
    }

    public async IAsyncEnumerable<LogLine> ReadLogsAsync(LogQuery query, [EnumeratorCancellation] CancellationToken token)
    {
        LogQuery = query;
        foreach (var line in Log)
        {
            yield return line;
        }

        if (query.Follow)
        {
            await _down.Task.WaitAsync(token);
        }
    }

    public Task<IAsyncEnumerable<StackEvent>> SubscribeAsync(EventQuery query, CancellationToken token)
    {
        LastEventQuery = query;
        var subscriber = Channel.CreateUnbounded<StackEvent>();
        lock (_subscribers)
        {
            _subscribers.Add(subscriber);
        }

        token.Register(() => subscriber.Writer.TryComplete());
        return Task.FromResult(subscriber.Reader.ReadAllAsync(CancellationToken.None));
    }

    private Task<ApplyReply> Change(string what, ServicesRequest request)
    {
        Note(what, request);
        return OnChange();
    }

    private void Note(string what, object request)
    {
        lock (Asked)
        {
            Asked.Add(what);
            Requests.Add(request);
        }
    }
}
