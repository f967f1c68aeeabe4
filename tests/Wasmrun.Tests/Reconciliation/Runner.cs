using System.Collections.Concurrent;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.State;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation;

/// <summary>A reconciler on a fake host, a clock that stands still, and a state folder that other runners may have used before.</summary>
internal sealed class Runner : IAsyncDisposable
{
    private readonly EventSubscription _subscription;
    private readonly Task _recording;

    private Runner(TemporaryFolder folder)
    {
        Host.Behavior = ListenBesideTheOther;
        Events = new("shop", Time);
        Logs = new(folder.At("logs"), LogLimits.Default, Events, Time);
        Stack = new(new() { Resync = ObservedTime.Resync }, Host, new ProjectState(folder.At("state")), Events, Logs, Time);
        _subscription = Events.Subscribe();
        _recording = RecordAsync();
    }

    public ObservedTime Time { get; } = new();

    public FakeStackHost Host { get; } = new();

    public EventStream Events { get; }

    public LogStore Logs { get; }

    public StackReconciler Stack { get; }

    private ConcurrentQueue<StackEvent> Told { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Runner> StartAsync(TemporaryFolder folder)
    {
        var runner = new Runner(folder);
        await runner.Stack.StartAsync(Token);
        return runner;
    }

    public Task<ApplyResult> ApplyAsync(StackSpec stack, ApplyOptions? options = null) => InTime(Stack.ApplyAsync(stack, options ?? new(), Token));

    /// <summary>Applies, and expects every service to get where it should.</summary>
    public async Task<ApplyResult.Applied> UpAsync(params ServiceSpec[] services)
    {
        var applied = Assert.IsType<ApplyResult.Applied>(await ApplyAsync(Planning.Written.Stack(services)));
        Assert.True(applied.Succeeded, string.Join("; ", applied.Failures));
        return applied;
    }

    public ServiceStatus Status(string service) =>
        Stack.Snapshot().Single(status => string.Equals(status.Service, service, StringComparison.Ordinal));

    public async Task ReachesAsync(string service, ServicePhase phase)
    {
        using var events = Events.Subscribe();
        if (Is())
        {
            return;
        }

        await InTime(events.ReadAllAsync(Token).AnyAsync(_ => Is(), Token).AsTask());

        bool Is() => Stack.Snapshot().Any(status => string.Equals(status.Service, service, StringComparison.Ordinal) && status.State == phase);
    }

    /// <summary>Waits until something of the kind is told of a service.</summary>
    public async Task HearsAsync(string service, StackEventKind kind)
    {
        while (!Told.Any(told => told.Kind == kind && string.Equals(told.Service, service, StringComparison.Ordinal)))
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Everything that was told so far.</summary>
    public async Task<IReadOnlyList<StackEvent>> ToldAsync()
    {
        var last = Events.LastSequence;
        while (!Told.Any(told => told.Sequence >= last))
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return [.. Told];
    }

    public FakeInstance Instance(string service) =>
        Host.Instances.Last(instance => string.Equals(instance.Spec.Name, service, StringComparison.Ordinal));

    /// <summary>Lets the loop look again, and waits until it has.</summary>
    public async Task ResyncAsync()
    {
        var looks = Host.Looks;
        while (Host.Looks == looks)
        {
            // Again and again, because the loop may not have come to its wait yet.
            Token.ThrowIfCancellationRequested();
            Time.Advance(ObservedTime.Resync);
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Host.Instances)
        {
            instance.IsStuck = false;
            if (instance.IsTold)
            {
                instance.Stop();
            }
        }

        await Stack.StopAsync(CancellationToken.None);
        Stack.Dispose();
        _subscription.Dispose();
        await _recording;
        Logs.Dispose();
        Assert.Empty(Host.FindLeftovers());
    }

    public static Task<T> InTime<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(30), Token);

    /// <summary>An instance that is to take over comes up at once, unless a test says otherwise.</summary>
    private static void ListenBesideTheOther(FakeInstance instance)
    {
        if (!instance.TakesClients)
        {
            foreach (var forward in instance.Spec.Forwards)
            {
                instance.Listen(forward.GuestPort);
            }
        }
    }

    private async Task RecordAsync()
    {
        await foreach (var told in _subscription.ReadAllAsync(CancellationToken.None))
        {
            Told.Enqueue(told);
        }
    }
}
