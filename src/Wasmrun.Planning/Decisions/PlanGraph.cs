using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Ports;

namespace Wasmrun.Planning.Decisions;

/// <summary>
/// Collects the steps of a plan and what each comes after: the reservation before everything, what a service depends on
/// before the service, dependents stopped before what they depend on.
/// </summary>
internal sealed class PlanGraph(IReadOnlyDictionary<string, ObservedService> known)
{
    private const string ReserveId = "reserve ports";
    private readonly List<PlanAction> _actions = [];
    private readonly Dictionary<string, string> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _stopping = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _volumes = new(StringComparer.Ordinal);

    public IReadOnlyList<PlanAction> Actions => _actions;

    private IEnumerable<string> Reservation => _actions.Count > 0 && _actions[0] is PlanAction.ReservePorts ? [ReserveId] : [];

    public void Reserve(IReadOnlyList<PortRequest> requests)
    {
        if (requests.Count > 0)
        {
            var text = requests.Count == 1 ? "1 forward is not bound" : $"{requests.Count} forwards are not bound";
            _actions.Add(new PlanAction.ReservePorts(requests, ReserveId, [], new(PlanCauseKind.Needed, text)));
        }
    }

    public void CreateVolumes(IEnumerable<string> volumes)
    {
        foreach (var volume in volumes)
        {
            _volumes[volume] = $"create volume {volume}";
            _actions.Add(new PlanAction.CreateVolume(
                volume, _volumes[volume], [.. Reservation], new(PlanCauseKind.Needed, "a service mounts it and it does not exist")));
        }
    }

    public void Halt(ServiceDecision.Halt halt)
    {
        var last = new List<string>(Reservation);
        if (halt.Stops)
        {
            var id = $"stop {halt.Service}";
            _actions.Add(new PlanAction.StopService(
                halt.Service, halt.GracePeriod, id, [.. Reservation, .. DependentsStopping(halt.Service)], halt.Cause));
            _stopping[halt.Service] = id;
            last = [id];
        }

        if (halt.Releases)
        {
            var id = $"release ports of {halt.Service}";
            _actions.Add(new PlanAction.ReleasePorts(halt.Service, id, [.. last], halt.Cause));
            last = [id];
        }

        if (halt.Removes)
        {
            _actions.Add(new PlanAction.RemoveService(halt.Service, $"remove {halt.Service}", [.. last], halt.Cause));
        }
    }

    public void Run(ServiceDecision decision, ServiceSpec? spec, bool isRebound)
    {
        switch (decision)
        {
            case ServiceDecision.Start start:
                AddRunning(new PlanAction.StartService(start.Spec, start.Fingerprint, $"start {start.Service}", Before(start.Spec), start.Cause), start.Service);
                break;
            case ServiceDecision.Restart { IsSwap: true } swap:
                AddRunning(
                    new PlanAction.SwapService(swap.Spec, swap.Fingerprint, $"swap {swap.Service}", Before(swap.Spec), swap.Cause)
                    {
                        GracePeriod = swap.GracePeriod,
                        OnlyWith = [.. swap.OnlyWith.Select(service => _running[service])],
                    },
                    swap.Service);
                break;
            case ServiceDecision.Restart restart:
                AddRunning(
                    new PlanAction.RestartService(restart.Spec, restart.Fingerprint, $"restart {restart.Service}", Before(restart.Spec), restart.Cause)
                    {
                        GracePeriod = restart.GracePeriod,
                        OnlyWith = [.. restart.OnlyWith.Select(service => _running[service])],
                    },
                    restart.Service);
                break;
            case ServiceDecision.Scale scale:
                AddRunning(new PlanAction.ScaleService(scale.Spec, scale.Fingerprint, $"scale {scale.Service}", Before(scale.Spec), scale.Cause), scale.Service);
                Rebind(spec, isRebound);
                break;
            case ServiceDecision.Update update:
                Update(update);
                Rebind(spec, isRebound);
                break;
            case ServiceDecision.Keep:
                Rebind(spec, isRebound);
                break;
            case ServiceDecision.Halt:
                break;
            default:
                throw new NotSupportedException($"no step for {decision.GetType().Name}");
        }
    }

    public void RemoveVolumes(IEnumerable<string> volumes)
    {
        var before = _actions.OfType<PlanAction.RemoveService>().Select(action => action.Id).ToArray();
        foreach (var volume in volumes)
        {
            _actions.Add(new PlanAction.RemoveVolume(
                volume, $"remove volume {volume}", before, new(PlanCauseKind.Asked, "volumes are to be removed too")));
        }
    }

    private void Update(ServiceDecision.Update update)
    {
        if (update.Limits is { } limits)
        {
            _actions.Add(new PlanAction.AdjustLimits(update.Spec, $"adjust limits of {update.Service}", [.. Reservation], limits));
        }

        if (update.Settings is { } settings)
        {
            _actions.Add(new PlanAction.UpdateService(update.Spec, $"update {update.Service}", [.. Reservation], settings));
        }
    }

    private void AddRunning(PlanAction action, string service)
    {
        _actions.Add(action);
        _running[service] = action.Id;
    }

    private void Rebind(ServiceSpec? spec, bool isRebound)
    {
        if (isRebound && spec is not null)
        {
            _actions.Add(new PlanAction.RebindForwards(
                spec, $"rebind {spec.Name}", [.. Reservation], new(PlanCauseKind.Changed, "forwards changed")));
        }
    }

    private IReadOnlyList<string> Before(ServiceSpec spec) =>
    [
        .. Reservation,
        .. spec.Mounts.OfType<MountSpec.Named>().Select(mount => _volumes.GetValueOrDefault(mount.Volume)).OfType<string>().Distinct(StringComparer.Ordinal),
        .. spec.DependsOn.Select(dependency => _running.GetValueOrDefault(dependency.Service)).OfType<string>().Distinct(StringComparer.Ordinal),
    ];

    private IEnumerable<string> DependentsStopping(string service) => _stopping
        .Where(entry => known.TryGetValue(entry.Key, out var other)
            && other.Spec.DependsOn.Any(dependency => string.Equals(dependency.Service, service, StringComparison.Ordinal)))
        .Select(entry => entry.Value);
}
