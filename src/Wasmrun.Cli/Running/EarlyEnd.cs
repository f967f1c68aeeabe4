using Wasmrun.Cli.Commands;
using Wasmrun.Control.Api;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Running;

/// <summary>Waits for the service whose end is the end of the run, and finds the exit code that the run has then.</summary>
internal sealed class EarlyEnd(IStackControl stack, EndRule rule)
{
    /// <summary>Waits until a service ended in the way that the rule speaks of, or until all have ended.</summary>
    /// <returns>The service that ended first of those, or null when none did.</returns>
    internal async Task<ServiceStatus?> WaitAsync(IReadOnlyList<string> services, CancellationToken token)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(token);
        var waits = services.Select(service => WaitAsync(service, waiting.Token)).ToList();
        try
        {
            while (waits.Count > 0)
            {
                var done = await Task.WhenAny(waits);
                waits.Remove(done);
                if (await done is { } ended && (rule.OnExit || IsFailure(ended)))
                {
                    return ended;
                }
            }

            return null;
        }
        finally
        {
            await waiting.CancelAsync();
            await ((Task)Task.WhenAll(waits)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The code of the service that counts; one that ran on until it was stopped has none of its own, which is no success.</summary>
    internal async Task<(int Code, string? Complaint)> ExitCodeAsync(ServiceStatus? first, CancellationToken token)
    {
        if (rule.ExitCodeFrom is not { } name)
        {
            return (CodeOf(first!), null);
        }

        var status = Worst(await stack.GetServicesAsync(token), name);
        return status is not null && IsOver(status)
            ? (CodeOf(status), null)
            : (ExitCodes.Failure, $"'{name}', whose exit code was asked for, had not ended when '{first?.Service}' did");
    }

    internal static bool IsFailure(ServiceStatus service) =>
        service.State == ServicePhase.Failed || (service.State == ServicePhase.Exited && service.ExitCode is not (null or 0));

    private async Task<ServiceStatus?> WaitAsync(string service, CancellationToken token) =>
        await stack.WaitAsync(new WaitRequest(WaitCondition.Ended, [service], Timeout: null), token) is WaitResult.Reached
            ? Worst(await stack.GetServicesAsync(token), service)
            : null;

    /// <summary>Of several replicas the one that failed counts.</summary>
    private static ServiceStatus? Worst(IReadOnlyList<ServiceStatus> services, string name)
    {
        var replicas = services.Where(status => string.Equals(status.Service, name, StringComparison.Ordinal)).ToList();
        return replicas.Find(status => !IsOver(status)) ?? replicas.Find(IsFailure) ?? replicas.FirstOrDefault();
    }

    private static bool IsOver(ServiceStatus service) => service.State is ServicePhase.Exited or ServicePhase.Failed or ServicePhase.Stopped;

    /// <summary>A service that failed without ever running has no code of its own.</summary>
    private static int CodeOf(ServiceStatus service) =>
        service.ExitCode is { } code && !(code == 0 && service.State == ServicePhase.Failed) ? ExitCodes.OfGuest(code)
        : service.State == ServicePhase.Exited ? ExitCodes.Success
        : ExitCodes.Failure;
}
