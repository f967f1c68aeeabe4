using System.Globalization;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Swapping;

/// <summary>
/// An instance that is to take a service over: it warms up beside the one that serves, without clients. Whoever takes it owns
/// it from then on; one that nobody takes ends with this object.
/// </summary>
internal sealed class Candidate : IAsyncDisposable
{
    /// <summary>How long it may take to be ready: far longer than anything sensible, short enough to be told of.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ServiceOrder _order;
    private readonly IServiceHost _host;
    private readonly ServiceLog _log;
    private readonly TimeProvider _time;
    private bool _isTaken;

    /// <summary>Makes the instance; it does not run yet.</summary>
    /// <exception cref="IOException">The system does not let it.</exception>
    public Candidate(ServiceOrder order, IServiceHost host, ServiceLog log, ServiceBoard board, TimeProvider time)
    {
        _order = order;
        _host = host;
        _log = log;
        _time = time;
        Generation = board.NextGeneration();
        Watcher = new(order, board, Generation, time);
        Begun = time.GetTimestamp();
        Instance = host.Create(order.Module, new(log.Name.Instance, order.Spec, Watcher.Watch(log.OutputOf(Generation)), Watcher) { IsHeldBack = true });
    }

    public int Generation { get; }

    public IInstance Instance { get; }

    public InstanceWatcher Watcher { get; }

    /// <summary>When it was made, as a time stamp of the clock.</summary>
    public long Begun { get; }

    private TimeSpan Patience => _order.Spec.Healthcheck switch
    {
        null => s_patience,
        { } healthcheck when s_patience + healthcheck.LongestStart + healthcheck.Timeout is var patience && patience < DurationParser.Longest => patience,
        _ => DurationParser.Longest,
    };

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="isListenedOn">The one that serves listens on something, so that this one must too if nothing else says what it is judged by.</param>
    /// <returns>Why it will not be; null when it is.</returns>
    public async Task<string?> WarmUpAsync(bool isListenedOn, CancellationToken token)
    {
        var ports = _order.Spec.Forwards.Select(forward => new GuestPort(forward.GuestPort, forward.Protocol)).Distinct().ToList();
        var mustListen = isListenedOn && ports.Count == 0 && _order.Spec.Healthcheck is null;
        using var patience = new CancellationTokenSource(Patience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        Instance.Start();
        var ready = Watcher.ReadyAsync(Instance, _host, () => Missing() is null, both.Token);
        await Task.WhenAny(ready, Instance.Completion);
        await both.CancelAsync();
        await ((Task)ready).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        token.ThrowIfCancellationRequested();
        if (Instance.Completion.IsCompleted)
        {
            return $"the new instance {RunEnd.Of(await Instance.Completion, _time.GetElapsedTime(Begun)).Description} before it was ready";
        }

        if (ready.IsCompletedSuccessfully)
        {
            return await ready is { } complaint ? $"the new instance is unhealthy: {complaint}" : null;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"the new instance {(Missing() is { } missing ? $"did not listen on {missing}" : "was not healthy")} within {Patience.TotalSeconds} s");

        string? Missing()
        {
            var listening = Instance.Listening;
            return ports.Except(listening).ToList() is { Count: > 0 } unserved ? string.Join(", ", unserved)
                : mustListen && listening.Count == 0 ? "any port"
                : null;
        }
    }

    /// <summary>The instance is the caller's from now on.</summary>
    public void Take() => _isTaken = true;

    public async ValueTask DisposeAsync()
    {
        if (!_isTaken)
        {
            await Instance.DisposeAsync();
            Watcher.Dispose();
            _log.End(Generation);
        }
    }
}
