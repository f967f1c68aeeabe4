using Wasmrun.Planning;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation.Execution;

/// <summary>
/// Carries out a plan: each step as soon as those before it are done, in parallel where the graph allows. It decides
/// nothing; what is to be done, in which order and why stands in the plan.
/// </summary>
internal sealed class PlanExecutor(IStackHost host, KnownServices services, EventStream events)
{
    private readonly PortReserver _ports = new(host, services);

    /// <summary>Carries out the reservation that a plan may begin with; nothing else may be carried out when it fails.</summary>
    /// <returns>What could not be had.</returns>
    public IReadOnlyList<RefusedPort> Reserve(StackPlan plan, StackWish wish) =>
        plan.Actions is [PlanAction.ReservePorts reserve, ..] ? _ports.Reserve(reserve.Requests, wish.Stack) : [];

    /// <summary>
    /// Begins to carry out the rest. When the wish changes, each step gives up as soon as it only waits, be it for an instance that was
    /// told to stop: that ends all the same, and who plans next finds it stopping.
    /// </summary>
    /// <param name="modules">What each service that is to be started runs.</param>
    /// <param name="done">Told of each step that was carried out, successfully or not, and of each that was left out with those it goes with.</param>
    public PlanExecution Begin(StackPlan plan, IReadOnlyDictionary<string, PreparedModule> modules, Action<PlanAction> done, CancellationToken token)
    {
        var steps = new Dictionary<string, Task<StepOutcome>>(StringComparer.Ordinal);
        foreach (var action in plan.Actions)
        {
            var before = action.After.Select(id => steps[id]).ToList();
            var reasons = action.OnlyWith.Select(id => steps[id]).ToList();
            steps[action.Id] = Task.Run(() => RunAsync(action, before, reasons, modules, done, token), CancellationToken.None);
        }

        return new(plan, steps, token);
    }

    private async Task<StepOutcome> RunAsync(
        PlanAction action,
        List<Task<StepOutcome>> before,
        List<Task<StepOutcome>> reasons,
        IReadOnlyDictionary<string, PreparedModule> modules,
        Action<PlanAction> done,
        CancellationToken token)
    {
        var earlier = await Task.WhenAll(before);
        if (token.IsCancellationRequested)
        {
            return StepOutcome.NotDone;
        }

        if (earlier.Select(outcome => outcome.Blocks).FirstOrDefault(reason => reason is not null) is { } blocking)
        {
            return new(PlanScope.ServiceOf(action) is { } service ? new(service, $"not done: {blocking}", null, []) : null, blocking);
        }

        if (reasons.Count > 0 && Array.TrueForAll(await Task.WhenAll(reasons), outcome => !outcome.Succeeded))
        {
            done(action);
            return StepOutcome.LeftOut;
        }

        try
        {
            var failure = await CarryOutAsync(action, modules, token);
            done(action);
            return new(failure, null);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return StepOutcome.NotDone;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            done(action);
            var reason = $"cannot {action.Id}: {refused.Message}";
            return new(new(PlanScope.ServiceOf(action) ?? "", reason, null, []), action.IsEssential ? reason : null);
        }
    }

    private async Task<ServiceFailure?> CarryOutAsync(PlanAction action, IReadOnlyDictionary<string, PreparedModule> modules, CancellationToken token)
    {
        switch (action)
        {
            case PlanAction.ReservePorts:
                return null;
            case PlanAction.CreateVolume create:
                host.CreateVolume(create.Volume);
                events.Publish(StackEventKind.VolumeCreated, create.Cause.Text, EventSubject.Stack, ("volume", create.Volume));
                return null;
            case PlanAction.StartService start:
                return Judge(
                    services.Know(start.Service),
                    await services.Know(start.Service).StartAsync(new(start.Service, start.Fingerprint, modules[start.Service.Name]), token));
            case PlanAction.RestartService restart:
                return Judge(
                    services.Know(restart.Service),
                    await services.Know(restart.Service).RestartAsync(
                        new(restart.Service, restart.Fingerprint, modules[restart.Service.Name]) { GracePeriod = restart.GracePeriod }, token));
            case PlanAction.SwapService swap:
                return Judge(
                    services.Know(swap.Service),
                    await services.Know(swap.Service).SwapAsync(
                        new(swap.Service, swap.Fingerprint, modules[swap.Service.Name]) { GracePeriod = swap.GracePeriod }, token));
            case PlanAction.ScaleService scale:
                return Judge(
                    services.Know(scale.Service),
                    await services.Know(scale.Service).ScaleAsync(new(scale.Service, scale.Fingerprint, modules[scale.Service.Name]), token));
            case PlanAction.UpdateService update:
                services.Know(update.Service).Update(update.Service);
                return null;
            case PlanAction.AdjustLimits adjust:
                services.Know(adjust.Service).AdjustLimits(adjust.Service);
                return null;
            case PlanAction.RebindForwards rebind:
                services.Know(rebind.Service).Rebind(rebind.Service);
                return null;
            case PlanAction.StopService stop:
                return await StopAsync(stop, token);
            case PlanAction.ReleasePorts release:
                services.Find(release.Service)?.ReleaseForwards();
                return null;
            case PlanAction.RemoveService remove:
                await services.RemoveAsync(remove.Service);
                return null;
            case PlanAction.RemoveVolume remove:
                host.RemoveVolume(remove.Volume);
                events.Publish(StackEventKind.VolumeRemoved, remove.Cause.Text, EventSubject.Stack, ("volume", remove.Volume));
                return null;
            default:
                throw new NotSupportedException($"no way to carry out {action.GetType().Name}");
        }
    }

    private async Task<ServiceFailure?> StopAsync(PlanAction.StopService stop, CancellationToken token) =>
        services.Find(stop.Service) is not { } service || await service.StopAsync(stop.GracePeriod, token)
            ? null
            : new(stop.Service, service.State.Reason ?? "it did not stop", service.State.ExitCode, service.State.LastLines);

    private static ServiceFailure? Judge(ServiceSupervisor service, StartOutcome outcome) => outcome.Failure is { } reason
        ? new(service.Name, reason, service.State.ExitCode, service.State.LastLines)
        : null;
}
