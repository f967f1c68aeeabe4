using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Planning.Observation;
using Wasmrun.Planning.Ports;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>Asks the network for host ports in the terms of a plan.</summary>
internal static class HostPorts
{
    public static ReservedPorts Reserve(IReadOnlyList<PortRequest> requests)
    {
        var wanted = requests.Select(request => new HostPortRequest(
            request.Service, request.Addresses, request.HostPort ?? 0, request.Candidates, request.GuestPort, Transport.To(request.Protocol))).ToList();
        var result = HostPortReservation.TryReserve(wanted);
        return new(
            [.. result.Forwards.Zip(requests, Hold)],
            [.. result.Conflicts.Select(conflict => Refuse(conflict, requests[wanted.IndexOf(conflict.Request)]))]);
    }

    public static HeldForward Hold(BoundForward bound, PortRequest request) => new(
        new ObservedForward(request.Addresses, bound.HostPort, bound.GuestPort, request.Protocol, request.HostPort is null), bound.EndPoints, bound);

    private static RefusedPort Refuse(HostPortConflict conflict, PortRequest request) => new(
        request,
        conflict.Address,
        request.HostPort ?? request.Candidates[0],
        Describe(conflict.Error),
        conflict.Holder?.Pid,
        conflict.Holder?.Program,
        conflict.Holder?.Owner,
        conflict.FreeAlternative)
    {
        IsAddressMissing = conflict.Error is Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT,
    };

    private static string Describe(Errno error) => error switch
    {
        Errno.EADDRINUSE => "address already in use",
        Errno.EACCES => "permission denied: the system lets only privileged users have this port",
        Errno.EADDRNOTAVAIL => "this machine does not have the address",
        _ => error.ToString(),
    };
}
