using System.Globalization;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Building;
using Wasmrun.Reconciliation.Execution;
using Wasmrun.Reconciliation.Observing;
using Wasmrun.Reconciliation.State;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Reconciliation;

/// <summary>
/// One pass of the loop over one wish: load what it needs, observe, plan, reserve, carry out. What would make the wish
/// impossible is found before anything is touched.
/// </summary>
internal sealed class ReconcilePass(IStackHost host, ProjectState project, KnownServices services, ProjectBuilder builder, EventStream events)
{
    private static readonly Dictionary<string, ShelvedModule> s_noModules = new(StringComparer.Ordinal);

    private readonly ModuleShelf _shelf = new(host, builder);
    private readonly StackObserver _observer = new(host, project, services);
    private readonly PlanExecutor _executor = new(host, services, events);

    /// <summary>Plans without touching anything.</summary>
    public async Task<ApplyResult> PreviewAsync(StackWish wish, CancellationToken token)
    {
        var (modules, failures) = await _shelf.LoadAsync(wish, mayBuild: false, token);
        return failures.Count > 0 ? new ApplyResult.ModulesUnusable(failures) : new ApplyResult.Applied(Plan(wish, modules), []);
    }

    /// <summary>Makes the stack what is wished, as far as that is possible.</summary>
    /// <param name="accepted">Told when nothing stands against the wish any more.</param>
    /// <param name="begun">Told of what is carried out, and whether that is only what was asked to stop: it may come twice.</param>
    /// <exception cref="OperationCanceledException">The wish changed.</exception>
    public async Task<ApplyResult> RunAsync(StackWish wish, Action accepted, Action<PlanExecution, bool> begun, CancellationToken token)
    {
        var (modules, unusable) = await LoadAsync(wish, begun, token);
        if (unusable.Count > 0)
        {
            return new ApplyResult.ModulesUnusable(unusable);
        }

        host.Use(wish.Stack);
        var plan = Plan(wish, modules);
        var refused = _executor.Reserve(plan, wish);
        if (refused.Count > 0)
        {
            return new ApplyResult.PortsTaken([.. refused.Select(Describe)]);
        }

        _shelf.Keep(modules);
        accepted();
        Remember(plan);
        MarkUntouched(plan, wish);
        var execution = Begin(plan, wish, modules, token);
        begun(execution, false);
        return await execution.WaitAsync();
    }

    /// <summary>Loads what the wish needs. What takes its time, a build above all, holds up nobody who is to stop.</summary>
    private async Task<(IReadOnlyDictionary<string, ShelvedModule> Modules, IReadOnlyList<ModuleFailure> Failures)> LoadAsync(
        StackWish wish, Action<PlanExecution, bool> begun, CancellationToken token)
    {
        var loading = _shelf.LoadAsync(wish, mayBuild: true, token);
        if (loading.IsCompleted)
        {
            return await loading;
        }

        using var meanwhile = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task stopping = Task.CompletedTask;
        try
        {
            var stops = Begin(Plan(wish.OnlyStops(), s_noModules), wish, s_noModules, meanwhile.Token);
            stopping = stops.WaitAsync();
            begun(stops, true);
        }
        finally
        {
            await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // What was told to stop goes on stopping, and has its step in the plan for the whole wish.
            await meanwhile.CancelAsync();
            await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await loading;
    }

    private PlanExecution Begin(StackPlan plan, StackWish wish, IReadOnlyDictionary<string, ShelvedModule> modules, CancellationToken token) => _executor.Begin(
        plan,
        modules.ToDictionary(module => module.Key, module => module.Value.Module, StringComparer.Ordinal),
        action => Mark(action, wish),
        token);

    private StackPlan Plan(StackWish wish, IReadOnlyDictionary<string, ShelvedModule> modules) => StackPlanner.Plan(
        wish, _observer.Observe(modules.ToDictionary(module => module.Key, module => module.Value.Module, StringComparer.Ordinal)));

    private PortConflict Describe(RefusedPort refused)
    {
        var request = refused.Request;
        var holder = refused.HolderService ?? services.All
            .FirstOrDefault(service => service.Forwards.Any(forward =>
                forward.Description.HostPort == refused.Port && forward.Description.Protocol == request.Protocol))
            ?.Name;
        events.Publish(
            StackEventKind.PortConflict,
            $"port {refused.Port} of {refused.Address} cannot be had: {refused.Reason}",
            EventSubject.Of(request.Service),
            ("address", refused.Address.ToString()),
            ("hostPort", refused.Port.ToString(CultureInfo.InvariantCulture)),
            ("pid", refused.HolderPid?.ToString(CultureInfo.InvariantCulture) ?? ""),
            ("program", refused.HolderProgram ?? ""));
        return new(
            request.Service,
            request.Location,
            refused.Address,
            refused.Port,
            request.Protocol,
            refused.Reason,
            refused.HolderPid,
            refused.HolderProgram,
            refused.FreeAlternative)
        {
            HolderService = holder,
            IsAddressMissing = refused.IsAddressMissing,
        };
    }

    /// <summary>Chosen ports are preferred from now on, in this run and in later ones.</summary>
    private void Remember(StackPlan plan)
    {
        if (plan.Actions is not [PlanAction.ReservePorts reserve, ..])
        {
            return;
        }

        var reserved = reserve.Requests.Where(request => request.HostPort is null).Select(request => request.Service).ToHashSet(StringComparer.Ordinal);
        try
        {
            project.Remember(services.All
                .Where(service => reserved.Contains(service.Name) && service.Spec.OneOffOf is null)
                .SelectMany(service => service.Forwards
                    .Select(forward => forward.Description)
                    .Where(forward => forward.Automatic)
                    .Select(forward => new RememberedPort(service.Name, forward.GuestPort, forward.Protocol, forward.HostPort))));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            events.Publish(StackEventKind.RunnerFailed, $"chosen ports cannot be remembered: {unwritable.Message}", EventSubject.Stack);
        }
    }

    /// <summary>What the plan has no step for is as it was asked to be.</summary>
    private void MarkUntouched(StackPlan plan, StackWish wish)
    {
        var touched = plan.Actions.Select(ServiceOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var (service, wanted) in wish.Services.Where(entry => !touched.Contains(entry.Key)))
        {
            _observer.MarkServed(service, wanted.Asked);
        }
    }

    private void Mark(PlanAction action, StackWish wish)
    {
        if (action is PlanAction.RemoveService removed)
        {
            _observer.Forget(removed.Service);
        }
        else if (ServiceOf(action) is { } service && wish.Services.TryGetValue(service, out var wanted))
        {
            _observer.MarkServed(service, wanted.Asked);
        }
    }

    /// <summary>The service whose requests a step answers.</summary>
    private static string? ServiceOf(PlanAction action) => action switch
    {
        PlanAction.StartService start => start.Service.Name,
        PlanAction.RestartService restart => restart.Service.Name,
        PlanAction.SwapService swap => swap.Service.Name,
        PlanAction.ScaleService scale => scale.Service.Name,
        PlanAction.StopService stop => stop.Service,
        _ => null,
    };
}
