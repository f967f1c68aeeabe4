using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Wishes;

namespace Wasmrun.Planning.Ports;

/// <summary>
/// Decides which of the held host ports stay, which are to be bound, and which of those are handed over within the stack
/// instead of being closed and bound again.
/// </summary>
internal sealed class ForwardPlanner
{
    private readonly StackWish _wish;
    private readonly ObservedStack _observed;
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly List<PortRequest> _requests = [];
    private readonly List<(string Service, ObservedForward Forward)> _surplus = [];

    private ForwardPlanner(StackWish wish, ObservedStack observed)
    {
        _wish = wish;
        _observed = observed;
    }

    /// <summary>Every forward that is to be bound, in the order of the manifest.</summary>
    public IReadOnlyList<PortRequest> Requests => _requests;

    public static ForwardPlanner Plan(StackWish wish, ObservedStack observed)
    {
        var planner = new ForwardPlanner(wish, observed);
        planner.Compare();
        planner.HandOver();
        return planner;
    }

    /// <summary>Whether the service holds other host ports than it is to hold.</summary>
    public bool IsChanged(string service) => _changed.Contains(service);

    private void Compare()
    {
        foreach (var known in _observed.Services.Where(known => !StaysAsItIs(known.Name)))
        {
            if (!IsToRun(known.Name))
            {
                _surplus.AddRange(known.Forwards.Select(forward => (known.Name, forward)));
            }
        }

        foreach (var service in _wish.Stack.Services.Where(service => IsToRun(service.Name)))
        {
            Compare(service, _observed.Services.FirstOrDefault(known => string.Equals(known.Name, service.Name, StringComparison.Ordinal))?.Forwards ?? []);
        }
    }

    private void Compare(ServiceSpec service, IReadOnlyList<ObservedForward> held)
    {
        var match = ForwardMatch.Of(service.Forwards, held);
        if (!match.IsExact)
        {
            _changed.Add(service.Name);
        }

        _surplus.AddRange(match.Surplus.Select(forward => (service.Name, forward)));
        _requests.AddRange(match.Missing.Select(wanted => new PortRequest(
            service.Name,
            wanted.Addresses,
            wanted.HostPort,
            wanted.HostPort is null ? Candidates(service.Name, wanted) : [],
            wanted.GuestPort,
            wanted.Protocol,
            wanted.Location,
            TakenFrom: null)));
    }

    private void HandOver()
    {
        for (var index = 0; index < _requests.Count; index++)
        {
            var request = _requests[index];
            var giver = _surplus.FindIndex(held => held.Forward.HostPort == request.HostPort && held.Forward.Protocol == request.Protocol);
            if (giver >= 0)
            {
                _requests[index] = request with { TakenFrom = _surplus[giver].Service };
                _surplus.RemoveAt(giver);
            }
        }
    }

    private bool IsToRun(string service) => _wish.IsToRun(service);

    private bool StaysAsItIs(string service) =>
        !_wish.Services.ContainsKey(service)
        && (!_wish.RemoveOrphans || _wish.Declares(service));

    private List<int> Candidates(string service, ForwardSpec wanted) =>
    [
        .. _observed.RememberedPorts
            .Where(port => string.Equals(port.Service, service, StringComparison.Ordinal)
                && port.GuestPort == wanted.GuestPort
                && port.Protocol == wanted.Protocol)
            .Select(port => port.HostPort)
            .Concat(AutomaticPorts.Candidates(_wish.Stack.Name, service, wanted.GuestPort, wanted.Protocol))
            .Distinct(),
    ];
}
