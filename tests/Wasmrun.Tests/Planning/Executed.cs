using Wasmrun.Manifest.Specs;
using Wasmrun.Planning;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Ports;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Tests.Planning;

/// <summary>
/// What there would be after a plan, if every step did what it says. Holds the plan to its own rules on the way: a step
/// comes after those it names, nothing starts before the ports are bound, and no port is bound twice.
/// </summary>
internal sealed class Executed
{
    private readonly Dictionary<string, ObservedService> _services;
    private readonly HashSet<string> _volumes;
    private readonly List<RememberedPort> _remembered;

    private Executed(ObservedStack before)
    {
        _services = before.Services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        _volumes = before.Volumes.ToHashSet(StringComparer.Ordinal);
        _remembered = [.. before.RememberedPorts];
    }

    public static ObservedStack After(StackPlan plan, StackWish wish, ObservedStack before)
    {
        var executed = new Executed(before);
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var action in plan.Actions)
        {
            Assert.Subset(done, action.After.ToHashSet(StringComparer.Ordinal));
            Assert.True(done.Add(action.Id), $"'{action.Id}' is in the plan twice");
            executed.Execute(action, wish);
        }

        foreach (var (name, wanted) in wish.Services.Where(entry => executed._services.ContainsKey(entry.Key)))
        {
            executed._services[name] = executed._services[name] with { Served = wanted.Asked };
        }

        return before with
        {
            Services = [.. executed._services.Values],
            Volumes = [.. executed._volumes],
            RememberedPorts = executed._remembered,
        };
    }

    private void Execute(PlanAction action, StackWish wish)
    {
        switch (action)
        {
            case PlanAction.ReservePorts reserve:
                Reserve(reserve.Requests, wish);
                break;
            case PlanAction.CreateVolume create:
                Assert.True(_volumes.Add(create.Volume));
                break;
            case PlanAction.StartService start:
                Assert.False(_services.GetValueOrDefault(start.Service.Name)?.Replicas.All(IsUp) ?? false, "what runs is started");
                ExpectVolumes(start.Service);
                Put(start.Service, known => known with { Spec = start.Service, Phase = ServicePhase.Running, Replicas = Up(start.Service), Fingerprint = start.Fingerprint });
                break;
            case PlanAction.RestartService restart:
                Assert.True(_services[restart.Service.Name].IsActive, "what does not run is restarted");
                ExpectVolumes(restart.Service);
                Put(restart.Service, known => known with { Spec = restart.Service, Phase = ServicePhase.Running, Replicas = Up(restart.Service), Fingerprint = restart.Fingerprint });
                break;
            case PlanAction.SwapService swap:
                Assert.Equal(ServicePhase.Running, _services[swap.Service.Name].Phase);
                ExpectVolumes(swap.Service);
                Put(swap.Service, known => known with { Spec = swap.Service, Phase = ServicePhase.Running, Replicas = Up(swap.Service), Fingerprint = swap.Fingerprint });
                break;
            case PlanAction.ScaleService scale:
                Assert.True(_services[scale.Service.Name].IsActive, "what does not run is scaled");
                var replicas = _services[scale.Service.Name].Replicas;
                Assert.True(replicas.Count != scale.Service.Replicas || replicas.Contains(ServicePhase.Created), "as many as wished are scaled");
                ExpectVolumes(scale.Service);
                Put(scale.Service, known => known with { Spec = scale.Service, Replicas = Scaled(known.Replicas, scale.Service.Replicas) });
                break;
            case PlanAction.AdjustLimits adjust:
                Put(adjust.Service, known => known with { Spec = known.Spec with { Limits = adjust.Service.Limits } });
                break;
            case PlanAction.UpdateService update:
                Put(update.Service, known => known with { Spec = update.Service });
                break;
            case PlanAction.RebindForwards rebind:
                Put(rebind.Service, known => known with { Spec = known.Spec with { Forwards = rebind.Service.Forwards } });
                break;
            case PlanAction.StopService stop:
                _services[stop.Service] = _services[stop.Service] with { Phase = ServicePhase.Stopped, Replicas = [ServicePhase.Stopped] };
                break;
            case PlanAction.ReleasePorts release:
                _services[release.Service] = _services[release.Service] with { Forwards = [] };
                break;
            case PlanAction.RemoveService remove:
                Assert.False(_services[remove.Service].IsActive, "what runs is removed");
                Assert.Empty(_services[remove.Service].Forwards);
                _services.Remove(remove.Service);
                break;
            case PlanAction.RemoveVolume remove:
                Assert.True(_volumes.Remove(remove.Volume));
                break;
            default:
                throw new NotSupportedException(action.GetType().Name);
        }
    }

    private void Reserve(IReadOnlyList<PortRequest> requests, StackWish wish)
    {
        foreach (var request in requests)
        {
            if (request.TakenFrom is { } giver)
            {
                Assert.Contains(_services[giver].Forwards, forward => Is(forward, request));
                _services[giver] = _services[giver] with { Forwards = [.. _services[giver].Forwards.Where(forward => !Is(forward, request))] };
            }

            var taken = _services.Values.SelectMany(service => service.Forwards).Select(forward => forward.HostPort).ToHashSet();
            var port = request.HostPort ?? request.Candidates.First(candidate => !taken.Contains(candidate));
            Assert.DoesNotContain(port, taken);
            var spec = wish.Stack.Services.Single(service => string.Equals(service.Name, request.Service, StringComparison.Ordinal));
            var known = _services.GetValueOrDefault(request.Service) ?? new(spec, ServicePhase.Created, null, [], default);
            _services[request.Service] = known with
            {
                Forwards = [.. known.Forwards, new(request.Addresses, port, request.GuestPort, request.Protocol, request.HostPort is null)],
            };
        }
    }

    /// <summary>One that is being stopped is not: to start it is to wait for its end first.</summary>
    private static bool IsUp(ServicePhase phase) =>
        phase is ServicePhase.Waiting or ServicePhase.Starting or ServicePhase.Running or ServicePhase.Restarting;

    private static List<ServicePhase> Up(ServiceSpec spec) => [.. Enumerable.Repeat(ServicePhase.Running, spec.Replicas)];

    /// <summary>The first ones stay as they are; those that were never started or are being stopped, and the missing ones, run.</summary>
    private static List<ServicePhase> Scaled(IReadOnlyList<ServicePhase> replicas, int count) =>
    [
        .. replicas.Take(count).Select(phase => phase is ServicePhase.Created or ServicePhase.Stopping ? ServicePhase.Running : phase),
        .. Enumerable.Repeat(ServicePhase.Running, Math.Max(0, count - replicas.Count)),
    ];

    private static bool Is(ObservedForward forward, PortRequest request) => forward.HostPort == request.HostPort && forward.Protocol == request.Protocol;

    /// <summary>Every step that knows the service's forwards closes those that are surplus.</summary>
    private void Put(ServiceSpec spec, Func<ObservedService, ObservedService> change)
    {
        var known = change(_services.GetValueOrDefault(spec.Name) ?? new(spec, ServicePhase.Created, null, [], default));
        _services[spec.Name] = known with { Forwards = ForwardMatch.Of(spec.Forwards, known.Forwards).Kept };
    }

    private void ExpectVolumes(ServiceSpec spec) => Assert.All(
        spec.Mounts.OfType<MountSpec.Named>(), mount => Assert.Contains(mount.Volume, _volumes, StringComparer.Ordinal));
}
