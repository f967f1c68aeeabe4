using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Network.Egress;
using Wasmrun.Planning.Ports;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Services;

/// <summary>
/// A service's place on the networks and the host ports that lead to it. They belong to the service: instances come and
/// go without a forward being closed.
/// </summary>
internal sealed class ServiceForwards(string service, IStackHost stack, ServiceBoard board, TimeProvider time) : IServiceObserver
{
    private readonly Lock _gate = new();
    private readonly EventBound _expiries = new(time);
    private volatile IServiceHost? _host;
    private string? _madeFrom;

    public IReadOnlyList<HeldForward> Held
    {
        get
        {
            lock (_gate)
            {
                return _host?.Forwards ?? [];
            }
        }
    }

    public int WaitingClients
    {
        get
        {
            lock (_gate)
            {
                return _host?.WaitingClients ?? 0;
            }
        }
    }

    /// <summary>The place on the networks; only after <see cref="Prepare"/> and before <see cref="Close"/>.</summary>
    public IServiceHost Host
    {
        get
        {
            lock (_gate)
            {
                return _host ?? throw new InvalidOperationException($"'{service}' is on no network");
            }
        }
    }

    /// <summary>Whether its place on the networks, if it has one, is of this fingerprint.</summary>
    public bool IsMadeFrom(string network)
    {
        lock (_gate)
        {
            return _host is null || string.Equals(_madeFrom, network, StringComparison.Ordinal);
        }
    }

    /// <summary>Takes over forwards that were bound for the service.</summary>
    /// <param name="network">The fingerprint of its place on the networks.</param>
    /// <exception cref="IOException">The system does not let it; the added forwards are closed.</exception>
    public void Add(ServiceSpec spec, string network, IReadOnlyList<HeldForward> added)
    {
        lock (_gate)
        {
            Join(spec, network, added);
        }

        Tell(StackEventKind.ForwardBound, "bound", added);
    }

    /// <summary>
    /// Makes the place on the networks what the specification says, before an instance is started. When it must be made
    /// anew the forwards move over, and clients wait in them.
    /// </summary>
    /// <exception cref="IOException">The system does not let it; the service has no forwards any more.</exception>
    public void Prepare(ServiceSpec spec, string network)
    {
        lock (_gate)
        {
            if (_host is { } former && !string.Equals(_madeFrom, network, StringComparison.Ordinal))
            {
                var moving = former.Forwards;
                foreach (var forward in moving)
                {
                    former.Detach(forward);
                }

                Leave();
                try
                {
                    Join(spec, network, moving);
                }
                catch
                {
                    Tell(StackEventKind.ForwardReleased, "its network could not be made", moving);
                    throw;
                }
            }

            Join(spec, network);
        }

        Trim(spec);
    }

    /// <summary>Closes the forwards that the specification does not name.</summary>
    public void Trim(ServiceSpec spec)
    {
        List<HeldForward> closed;
        lock (_gate)
        {
            var surplus = ForwardMatch.Of(spec.Forwards, [.. Held.Select(forward => forward.Description)]).Surplus;
            closed = [.. Held.Where(forward => surplus.Contains(forward.Description))];
            if (closed.Count > 0)
            {
                _host!.SetForwards([.. Held.Except(closed)]);
            }
        }

        Tell(StackEventKind.ForwardReleased, "the manifest does not name it", closed);
    }

    /// <summary>Gives a forward away without closing it.</summary>
    public HeldForward? HandOver(int hostPort, TransportProtocol protocol)
    {
        lock (_gate)
        {
            var given = Held.FirstOrDefault(forward => forward.Description.HostPort == hostPort && forward.Description.Protocol == protocol);
            if (given is not null)
            {
                _host!.Detach(given);
            }

            return given;
        }
    }

    /// <summary>No instance runs or is to come by itself: other services are refused at once instead of waiting for one.</summary>
    /// <remarks>Takes no lock: it comes under that of a board, which those who hold this one's may wait for.</remarks>
    public void RefusePeers() => _host?.RefusePeers();

    /// <summary>Lets clients wait for the next instance, however long the one before takes to end.</summary>
    public void PauseHold()
    {
        lock (_gate)
        {
            _host?.PauseHold();
        }
    }

    /// <summary>Counts again how long clients wait.</summary>
    public void ResumeHold()
    {
        lock (_gate)
        {
            _host?.ResumeHold();
        }
    }

    /// <summary>Closes every forward; the place on the networks stays the service's.</summary>
    public void Release() => CloseForwards(host => host.SetForwards([]));

    /// <summary>Leaves the networks and closes every forward.</summary>
    public void Close() => CloseForwards(_ => Leave());

    public void EgressDenied(EgressDenial denial) => board.Note(
        StackEventKind.EgressDenied,
        $"the guest may not reach {denial.Destination}; {denial.Remedy}",
        denial.LineToAdd is { } line ? [("destination", denial.Destination), ("add", line)] : [("destination", denial.Destination)]);

    public void HoldExpired(int hostPort, int clients) => TellOfExpiry(clients, $"of port {hostPort}", "hostPort", hostPort);

    public void PeerHoldExpired(int guestPort, int clients) => TellOfExpiry(clients, $"of other services at its port {guestPort}", "guestPort", guestPort);

    private void TellOfExpiry(int clients, string where, string portName, int port)
    {
        if (_expiries.Next() is { IsTold: true } turn)
        {
            board.Note(
                StackEventKind.HoldExpired,
                $"{Clients(clients)} {where} closed, because nothing listened for as long as 'hold' says{turn.Remark}",
                (portName, port.ToString(CultureInfo.InvariantCulture)),
                ("clients", clients.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static string Clients(int count) => count == 1 ? "1 client" : string.Create(CultureInfo.InvariantCulture, $"{count} clients");

    /// <summary>Takes forwards over that nobody else holds: they are closed when that fails.</summary>
    private void Join(ServiceSpec spec, string network, IReadOnlyList<HeldForward> forwards)
    {
        try
        {
            Join(spec, network).SetForwards([.. Held, .. forwards]);
        }
        catch
        {
            foreach (var forward in forwards)
            {
                forward.Dispose();
            }

            throw;
        }
    }

    private IServiceHost Join(ServiceSpec spec, string network)
    {
        if (_host is null)
        {
            _host = stack.AddService(spec, this);
            _madeFrom = network;
        }

        return _host;
    }

    private void Leave()
    {
        _host?.Dispose();
        _host = null;
        _madeFrom = null;
    }

    private void CloseForwards(Action<IServiceHost> close)
    {
        IReadOnlyList<HeldForward> closed;
        lock (_gate)
        {
            closed = Held;
            if (_host is { } host)
            {
                close(host);
            }
        }

        Tell(StackEventKind.ForwardReleased, "the service is stopped", closed);
    }

    private void Tell(StackEventKind kind, string cause, IReadOnlyList<HeldForward> forwards)
    {
        foreach (var (forward, endPoint) in forwards.SelectMany(forward => forward.EndPoints.Select(endPoint => (forward, endPoint))))
        {
            board.Note(
                kind,
                cause,
                ("address", endPoint.Address.ToString()),
                ("hostPort", endPoint.Port.ToString(CultureInfo.InvariantCulture)),
                ("guestPort", forward.Description.GuestPort.ToString(CultureInfo.InvariantCulture)),
                ("protocol", forward.Description.Protocol.ToString().ToLowerInvariant()));
        }
    }
}
