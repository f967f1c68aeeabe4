using System.Globalization;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation.Waiting;

/// <summary>Waits until services have come as far as somebody wants, looking again whenever something happened.</summary>
/// <param name="look">The services to wait for by name, with the status of each replica; none for one that is not there yet.</param>
internal sealed class ServiceWait(WaitCondition condition, Func<IReadOnlyDictionary<string, IReadOnlyList<ServiceStatus>>> look, EventStream events, TimeProvider time)
{
    /// <summary>After so many crashes in a row a service is waited for no longer that nothing else tells anything about.</summary>
    private const int HopelessCrashes = 5;

    /// <summary>How long such a service has to run. Most that cannot work end before that.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(1);

    /// <summary>The same for one that has crashed before.</summary>
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(10);

    /// <summary>Of each service, by instance.</summary>
    private readonly Dictionary<string, SortedDictionary<string, int>> _exitCodes = new(StringComparer.Ordinal);

    /// <summary>Services that were seen and whose removal was not read yet: the events come later than what a look sees.</summary>
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>When the services were looked at last.</summary>
    private DateTimeOffset _now;

    /// <summary>After how long time alone may have changed what was seen then; null when it cannot.</summary>
    private TimeSpan? _settling;

    /// <summary>Waits for as long as it takes, or as the timeout allows.</summary>
    public async Task<WaitResult> RunAsync(TimeSpan? timeout, CancellationToken token)
    {
        using var subscription = events.Subscribe();
        using var patience = timeout is { } limit ? new CancellationTokenSource(limit, time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            await using var happenings = new Happenings(subscription, time);
            for (StackEvent? happened = null; ; happened = await happenings.NextAsync(_settling, both.Token))
            {
                Note(happened);
                if (Judge() is { } result)
                {
                    return result;
                }
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !token.IsCancellationRequested)
        {
            return Judge() ?? new WaitResult.TimedOut([.. look().Where(service => !AreThere(service.Value)).Select(service => service.Key)]);
        }
    }

    /// <summary>Keeps the exit codes of services that are removed before anybody looks again.</summary>
    private void Note(StackEvent? happened)
    {
        switch (happened)
        {
            case { Kind: StackEventKind.Exited, Service: { } service, Instance: { } instance }
                when int.TryParse(happened.Attributes.GetValueOrDefault("exitCode"), CultureInfo.InvariantCulture, out var code):
                Keep(service, instance, code);
                break;
            case { Kind: StackEventKind.Starting, Service: { } service, Instance: { } instance }:
                _exitCodes.GetValueOrDefault(service)?.Remove(instance);
                break;
            case { Kind: StackEventKind.Removed, Service: { } service }:
                _seen.Remove(service);
                break;
            case { Kind: StackEventKind.EventsMissed }:
                _seen.Clear();
                break;
        }
    }

    private WaitResult? Judge()
    {
        var services = look();
        _now = time.GetUtcNow();
        _settling = services.Values.SelectMany(replicas => replicas).Where(IsUnjudged).Select(Unsettled).Where(left => left > TimeSpan.Zero).Min(left => (TimeSpan?)left);
        foreach (var status in services.Values.SelectMany(replicas => replicas))
        {
            _seen.Add(status.Service);
            if (status.ExitCode is { } code && IsOver(status))
            {
                Keep(status.Service, status.Name, code);
            }
        }

        var lost = condition == WaitCondition.Ready ? services.Values.Select(replicas => replicas.FirstOrDefault(IsLost)).OfType<ServiceStatus>().ToList() : [];
        if (lost.Count > 0)
        {
            return new WaitResult.Failed(
                [.. lost.Select(status => new ServiceFailure(status.Service, Explain(status), status.ExitCode, status.LastLines))]);
        }

        return services.Values.All(AreThere) && !IsBehind(services) ? new WaitResult.Reached(ExitCodes()) : null;
    }

    private void Keep(string service, string instance, int code)
    {
        if (!_exitCodes.TryGetValue(service, out var codes))
        {
            codes = new(StringComparer.Ordinal);
            _exitCodes.Add(service, codes);
        }

        codes[instance] = code;
    }

    /// <summary>Of several replicas the first code that is not 0 counts.</summary>
    private Dictionary<string, int> ExitCodes() => _exitCodes
        .Where(service => service.Value.Count > 0)
        .ToDictionary(service => service.Key, service => service.Value.Values.FirstOrDefault(code => code != 0), StringComparer.Ordinal);

    /// <summary>Whether a service is gone whose last events, and with them its exit code, are still to be read.</summary>
    private bool IsBehind(IReadOnlyDictionary<string, IReadOnlyList<ServiceStatus>> services) =>
        condition == WaitCondition.Ended && !_seen.All(services.ContainsKey);

    private bool AreThere(IReadOnlyList<ServiceStatus> replicas) => replicas.Count > 0 && replicas.All(IsThere);

    private bool IsThere(ServiceStatus status) => condition switch
    {
        WaitCondition.Ready => IsUnjudged(status) ? Unsettled(status) <= TimeSpan.Zero : IsReady(status),
        WaitCondition.Ended => IsOver(status),
        _ => throw new NotSupportedException($"no way to wait for {condition}"),
    };

    private static bool IsReady(ServiceStatus status) => status is { State: ServicePhase.Running, Health: HealthState.None or HealthState.Healthy }
        or { State: ServicePhase.Exited, ExitCode: 0 }
        or { State: ServicePhase.Restarting, IsJudged: false, ExitCode: 0 };

    /// <summary>Whether it runs, and nothing but that says how it is.</summary>
    private static bool IsUnjudged(ServiceStatus status) => status is { State: ServicePhase.Running, Health: HealthState.None, IsJudged: false };

    /// <summary>How long it has to go on running.</summary>
    private TimeSpan Unsettled(ServiceStatus status) =>
        (status is { RestartsInARow: > 0, ExitCode: not 0 } ? s_recovery : s_settling) - (_now - status.StartedAt ?? TimeSpan.Zero);

    private static bool IsHopeless(ServiceStatus status) =>
        status is { State: ServicePhase.Restarting, IsJudged: false, RestartsInARow: >= HopelessCrashes, ExitCode: not 0 };

    private static bool IsLost(ServiceStatus status) =>
        status is { State: ServicePhase.Failed or ServicePhase.Stopped } or { State: ServicePhase.Exited, ExitCode: not 0 } or { State: ServicePhase.Running, NeverBecameHealthy: true }
        || IsHopeless(status);

    private static bool IsOver(ServiceStatus status) => status.State is ServicePhase.Exited or ServicePhase.Stopped or ServicePhase.Failed;

    private static string Explain(ServiceStatus status) => IsHopeless(status)
        ? string.Create(CultureInfo.InvariantCulture, $"{status.Reason}, {status.RestartsInARow} times in a row, and is restarted again; 'wasmrun logs {status.Service}' shows what it printed")
        : status.Reason ?? (status.State == ServicePhase.Stopped ? "it is stopped" : $"it exited with code {status.ExitCode}");
}
