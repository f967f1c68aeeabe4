using System.Globalization;
using System.Runtime.CompilerServices;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation.Waiting;

/// <summary>Waits until services have come as far as somebody wants, looking again whenever something happened.</summary>
/// <param name="look">The services to wait for by name, with their status; null for one that is not there yet.</param>
internal sealed class ServiceWait(WaitCondition condition, Func<IReadOnlyDictionary<string, ServiceStatus?>> look, EventStream events, TimeProvider time)
{
    private readonly Dictionary<string, int> _exitCodes = new(StringComparer.Ordinal);

    /// <summary>Services that were seen and whose removal was not read yet: the events come later than what a look sees.</summary>
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Waits for as long as it takes, or as the timeout allows.</summary>
    public async Task<WaitResult> RunAsync(TimeSpan? timeout, CancellationToken token)
    {
        using var subscription = events.Subscribe();
        using var patience = timeout is { } limit ? new CancellationTokenSource(limit, time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
        try
        {
            await foreach (var happened in FirstAndEach(subscription, both.Token))
            {
                Note(happened);
                if (Judge() is { } result)
                {
                    return result;
                }
            }

            throw new InvalidOperationException("the events ended while somebody waited for them");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !token.IsCancellationRequested)
        {
            return Judge() ?? new WaitResult.TimedOut([.. look().Where(service => !IsThere(service.Value)).Select(service => service.Key)]);
        }
    }

    /// <summary>A look before the first event, and one after each.</summary>
    private static async IAsyncEnumerable<StackEvent?> FirstAndEach(
        EventSubscription subscription, [EnumeratorCancellation] CancellationToken token)
    {
        yield return null;
        await foreach (var happened in subscription.ReadAllAsync(token))
        {
            yield return happened;
        }
    }

    /// <summary>Keeps the exit codes of services that are removed before anybody looks again.</summary>
    private void Note(StackEvent? happened)
    {
        switch (happened)
        {
            case { Kind: StackEventKind.Exited, Service: { } service }
                when int.TryParse(happened.Attributes.GetValueOrDefault("exitCode"), CultureInfo.InvariantCulture, out var code):
                _exitCodes[service] = code;
                break;
            case { Kind: StackEventKind.Starting, Service: { } service }:
                _exitCodes.Remove(service);
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
        foreach (var (name, status) in services)
        {
            if (status is not null)
            {
                _seen.Add(name);
            }

            if (status is { ExitCode: { } code } && IsOver(status))
            {
                _exitCodes[name] = code;
            }
        }

        var lost = condition == WaitCondition.Ready ? services.Where(service => IsLost(service.Value)).ToList() : [];
        if (lost.Count > 0)
        {
            return new WaitResult.Failed(
                [.. lost.Select(service => new ServiceFailure(service.Key, Explain(service.Value!), service.Value!.ExitCode, service.Value.LastLines))]);
        }

        return services.Values.All(IsThere) && !IsBehind(services) ? new WaitResult.Reached(_exitCodes) : null;
    }

    /// <summary>Whether a service is gone whose last events, and with them its exit code, are still to be read.</summary>
    private bool IsBehind(IReadOnlyDictionary<string, ServiceStatus?> services) =>
        condition == WaitCondition.Ended && !_seen.All(services.ContainsKey);

    private bool IsThere(ServiceStatus? status) => condition switch
    {
        WaitCondition.Ready => status is { State: ServicePhase.Running, Health: HealthState.None or HealthState.Healthy }
            or { State: ServicePhase.Exited, ExitCode: 0 },
        WaitCondition.Ended => status is not null && IsOver(status),
        _ => throw new NotSupportedException($"no way to wait for {condition}"),
    };

    private static bool IsLost(ServiceStatus? status) =>
        status is { State: ServicePhase.Failed or ServicePhase.Stopped } or { State: ServicePhase.Exited, ExitCode: not 0 };

    private static bool IsOver(ServiceStatus status) => status.State is ServicePhase.Exited or ServicePhase.Stopped or ServicePhase.Failed;

    private static string Explain(ServiceStatus status) => status.Reason ?? (status.State == ServicePhase.Stopped
        ? "it is stopped"
        : $"it exited with code {status.ExitCode}");
}
