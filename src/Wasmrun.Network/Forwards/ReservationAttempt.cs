using System.Net;
using System.Net.Sockets;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Forwards;

/// <summary>One run of <see cref="HostPortReservation"/>: what is bound so far, and the conflicts met.</summary>
internal sealed class ReservationAttempt(IReadOnlyList<HostPortRequest> requests)
{
    private const int ChosenPortTries = 64;

    private readonly BoundForward?[] _bound = new BoundForward?[requests.Count];
    private readonly List<(int Index, IPAddress Address, Errno Error, PortHolder? Holder)> _failures = [];

    public void Bind(int index)
    {
        var request = requests[index];
        var (forward, address, error) = request.HostPort != 0 ? TryBind(request, request.HostPort) : Choose(request);
        _bound[index] = forward;
        if (forward is null)
        {
            _failures.Add((index, address, error, error == Errno.EADDRINUSE ? FindHolder(request, address) : null));
        }
    }

    public ReservationResult Complete()
    {
        if (_failures.Count == 0)
        {
            return new([.. _bound.Select(forward => forward!)], []);
        }

        // What this attempt holds is only given back after the search, so that no alternative is one of its own ports.
        var suggested = requests.Select(request => request.HostPort).ToHashSet();
        var conflicts = _failures
            .OrderBy(failure => failure.Index)
            .Select(failure => Describe(failure.Index, failure.Address, failure.Error, failure.Holder, suggested))
            .ToList();
        Release();
        return new([], conflicts);
    }

    public void Release()
    {
        foreach (var forward in _bound)
        {
            forward?.Dispose();
        }
    }

    private static (BoundForward? Forward, IPAddress Address, Errno Error) Choose(HostPortRequest request)
    {
        foreach (var port in request.Alternatives)
        {
            var attempt = TryBind(request, port);
            if (attempt.Forward is not null)
            {
                return attempt;
            }
        }

        // The system chooses a port on the first address only: the others may have it taken, then it chooses again.
        var (forward, address, error) = TryBind(request, 0);
        for (var i = 1; forward is null && error == Errno.EADDRINUSE && i < ChosenPortTries; i++)
        {
            (forward, address, error) = TryBind(request, 0);
        }

        return (forward, address, error);
    }

    private static (BoundForward? Forward, IPAddress Address, Errno Error) TryBind(HostPortRequest request, int port)
    {
        var listeners = new List<HostListener>(request.Addresses.Count);
        foreach (var address in request.Addresses)
        {
            var error = HostListener.TryBind(address, port, request.Protocol, out var listener);
            if (listener is not null)
            {
                listeners.Add(listener);
                port = listener.EndPoint.Port;
            }
            else if (!IsDispensable(request, address, error))
            {
                listeners.ForEach(bound => bound.Dispose());
                return (null, address, error);
            }
        }

        return listeners.Count > 0
            ? (new(request, listeners), request.Addresses[0], Errno.None)
            : (null, request.Addresses.Count > 0 ? request.Addresses[0] : IPAddress.None, Errno.EADDRNOTAVAIL);
    }

    /// <summary>On a machine without IPv6, <c>localhost</c> and "everywhere" are the IPv4 address alone.</summary>
    private static bool IsDispensable(HostPortRequest request, IPAddress address, Errno error) =>
        error is Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT
        && ((address.Equals(IPAddress.IPv6Loopback) && request.Addresses.Contains(IPAddress.Loopback))
            || (address.Equals(IPAddress.IPv6Any) && request.Addresses.Contains(IPAddress.Any)));

    private static bool Overlap(IPAddress left, IPAddress right) =>
        left.AddressFamily == right.AddressFamily && (left.Equals(right) || IsAny(left) || IsAny(right));

    private static bool IsAny(IPAddress address) =>
        address.Equals(address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any);

    private HostPortConflict Describe(int index, IPAddress address, Errno error, PortHolder? holder, HashSet<int> suggested)
    {
        var request = requests[index];
        var alternative = request.HostPort == 0 ? null : FreePort.Above(request, error, suggested);
        if (alternative is { } port)
        {
            suggested.Add(port);
        }

        return new(request, address, error, holder, alternative);
    }

    private PortHolder? FindHolder(HostPortRequest request, IPAddress address)
    {
        var other = _bound.FirstOrDefault(forward =>
            forward is not null
            && forward.HostPort == request.HostPort
            && forward.Protocol == request.Protocol
            && forward.EndPoints.Any(endPoint => Overlap(endPoint.Address, address)));
        return other is null
            ? PortHolders.Find(new(address, request.HostPort), request.Protocol)
            : new(Environment.ProcessId, PortHolders.ProgramName(Environment.ProcessId) ?? "wasmrun", other.Owner);
    }
}
