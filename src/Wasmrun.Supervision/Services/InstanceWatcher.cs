using System.Globalization;
using System.Threading.Channels;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Probing;
using Wasmrun.Supervision.Readiness;

namespace Wasmrun.Supervision.Services;

/// <summary>Follows one instance while it runs: tells what it listens on, and keeps the service's health up to date while it serves.</summary>
internal sealed class InstanceWatcher(ServiceOrder order, ServiceBoard board, int generation, TimeProvider time) : IInstanceObserver, IDisposable
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly EventBound _told = new(time);
    private volatile ReadinessWatch? _readiness;
    private volatile ProbeLoop? _probes;
    private LogLineProbe? _logLine;
    private HttpProbe? _http;
    private bool _isHealthy;
    private volatile bool _hasLeft;

    private HealthcheckSpec? Healthcheck => order.Spec.Healthcheck;

    /// <summary>Lets the watcher see what the guest prints, if that is what its health is judged by.</summary>
    public IGuestOutput Watch(IGuestOutput output) => Healthcheck?.Probe is ProbeSpec.LogLine line
        ? _logLine = new(line.Text, output) { Seen = () => _probes?.Look() }
        : output;

    /// <summary>Begins to judge the health; the caller ends it before the instance goes.</summary>
    public InstanceHealth Begin(IInstance instance, IServiceHost host)
    {
        var readiness = new ReadinessWatch(instance, () => Targets(host), Judges, isProbed: Healthcheck is not null, board, time);
        var health = Probe(instance, host) is { } probes ? new HealthWatch(probes, Judges, board, _isHealthy) : null;
        _readiness = readiness;
        readiness.Begin();
        health?.Begin();
        return new(readiness, health);
    }

    /// <summary>Waits until the guest listens as it should and, if it is probed, is healthy.</summary>
    /// <returns>What its probe complains of; null when it is ready.</returns>
    public async Task<string?> ReadyAsync(IInstance instance, IServiceHost host, Func<bool> listens, CancellationToken token)
    {
        while (!listens())
        {
            await _news.Reader.ReadAsync(token);
        }

        if (Probe(instance, host) is not { } probes)
        {
            return null;
        }

        var verdict = await probes.NextAsync(known: null, token);
        _isHealthy = verdict.IsHealthy;
        return verdict.Problem;
    }

    public void Look()
    {
        _readiness?.Look();
        _probes?.Look();
        _news.Writer.TryWrite(true);
    }

    /// <summary>Says that nobody does anything about an instance that was never healthy.</summary>
    public void LeaveUnhealthy() => board.MoveIf(
        state => Judges(state) && state.Health == HealthState.Unhealthy,
        StackEventKind.Updated,
        "it runs on unhealthy, because its restart policy does not restart it",
        state => state with { NeverBecameHealthy = true });

    /// <summary>From now on the service is no longer judged by this instance, which may stop listening.</summary>
    public void Leave() => _hasLeft = true;

    public void StartedListening(GuestPort port) => Tell(StackEventKind.Listening, $"the guest listens on {port}", port);

    public void StoppedListening(GuestPort port) => Tell(StackEventKind.StoppedListening, $"the guest no longer listens on {port}", port);

    public void Dispose() => _http?.Dispose();

    private bool Judges(ServiceState state) => !_hasLeft && state.Phase == ServicePhase.Running && state.Generation == generation;

    private static List<GuestPort> Targets(IServiceHost host) =>
        [.. host.Forwards.Select(forward => new GuestPort(forward.Description.GuestPort, forward.Description.Protocol)).Distinct()];

    private ProbeLoop? Probe(IInstance instance, IServiceHost host) => _probes ??= Healthcheck?.Probe switch
    {
        null or ProbeSpec.Disabled => null,
        ProbeSpec.Http http => With(_http = new(instance, http.Path, http.Port)),
        ProbeSpec.Tcp tcp => With(new TcpProbe(instance, tcp.Port)),
        ProbeSpec.LogLine => With(_logLine ?? throw new InvalidOperationException("the guest's output is not watched")),
        ProbeSpec.Command command => With(new CommandProbe(host, instance, order.Module.Test ?? order.Module, order.Spec, $"{order.Spec.Name}-test", command.Arguments)),
        var other => throw new NotSupportedException($"no probe for {other.GetType().Name}"),
    };

    private ProbeLoop With(IProbe probe) => new(Healthcheck!, probe, time);

    private void Tell(StackEventKind kind, string cause, GuestPort port)
    {
        if (_told.Next() is { IsTold: true } turn)
        {
            board.NoteOf(
                generation,
                kind,
                $"{cause}{turn.Remark}",
                ("port", port.Port.ToString(CultureInfo.InvariantCulture)),
                ("protocol", port.Protocol.ToString().ToLowerInvariant()));
        }

        Look();
    }
}
