using System.Collections.Concurrent;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Ports;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Tests.Supervision.Fakes;

/// <summary>Supervisors on a fake host and a clock that stands still, and everything that was told meanwhile.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EventSubscription _subscription;
    private readonly Task _recording;

    public Stage()
    {
        Events = new("shop", Time);
        Logs = new(_folder.At("logs"), LogLimits.Default, Events, Time);
        _subscription = Events.Subscribe();
        _recording = RecordAsync();
    }

    public ObservedTime Time { get; } = new();

    public FakeStackHost Host { get; } = new();

    public EventStream Events { get; }

    public LogStore Logs { get; }

    public ServiceRegistry Services { get; } = new();

    public ConcurrentQueue<StackEvent> Told { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static ServiceOrder Order(ServiceSpec spec) =>
        new(spec, Fingerprints.Of(spec, [], "content"), new FakeModule(spec.Module!, "content"));

    public ServiceSupervisor Know(ServiceSpec spec)
    {
        var supervisor = new ServiceSupervisor(spec, Host, Logs, Events, Services, Time);
        Services.Add(supervisor);
        return supervisor;
    }

    /// <summary>Makes a service known, binds its forwards, starts it, and waits until an instance runs.</summary>
    public async Task<(ServiceSupervisor Service, FakeInstance Instance)> StartAsync(ServiceSpec spec)
    {
        var service = Know(spec);
        Bind(service);
        Assert.True((await service.StartAsync(Order(spec), Token)).Succeeded);
        return (service, await Host.NextInstanceAsync());
    }

    public void Bind(ServiceSupervisor service)
    {
        var spec = service.Spec;
        var reserved = Host.Reserve([.. spec.Forwards.Select(forward => new PortRequest(
            spec.Name, forward.Addresses, forward.HostPort, [20000], forward.GuestPort, forward.Protocol, forward.Location, null))]);
        Assert.True(reserved.Succeeded);
        service.Adopt(spec, Fingerprints.OfNetwork(spec, []), reserved.Forwards);
    }

    /// <summary>Waits until something of the kind is told of a service.</summary>
    public async Task<StackEvent> HearsAsync(ServiceSupervisor service, StackEventKind kind)
    {
        while (true)
        {
            var before = service.State;
            var told = await ToldOfAsync(service);
            if (told.FirstOrDefault(told => told.Kind == kind) is { } heard)
            {
                return heard;
            }

            await ReachesAsync(service, state => state.EventSequence > before.EventSequence);
        }
    }

    /// <summary>What was told of a service so far, in order, up to and including the present state.</summary>
    public async Task<IReadOnlyList<StackEvent>> ToldOfAsync(ServiceSupervisor service)
    {
        while (!Told.Any(told => told.Sequence >= service.State.EventSequence))
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return [.. Told.Where(told => string.Equals(told.Service, service.Name, StringComparison.Ordinal))];
    }

    public static Task<ServiceState> ReachesAsync(ServiceSupervisor service, ServicePhase phase) =>
        ReachesAsync(service, state => state.Phase == phase);

    public static Task<ServiceState> ReachesAsync(ServiceSupervisor service, Func<ServiceState, bool> condition) =>
        service.WaitAsync(condition, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Host.Instances)
        {
            instance.IsStuck = false;
            instance.Stop();
        }

        foreach (var service in Services.All)
        {
            await service.DisposeAsync();
        }

        _subscription.Dispose();
        await _recording;
        Logs.Dispose();
        _folder.Dispose();
        Assert.Empty(Host.FindLeftovers());
        Assert.All(Host.Instances, instance => Assert.True(instance.IsDisposed, $"{instance.Name} was not disposed"));
    }

    private async Task RecordAsync()
    {
        await foreach (var told in _subscription.ReadAllAsync(CancellationToken.None))
        {
            Told.Enqueue(told);
        }
    }
}
