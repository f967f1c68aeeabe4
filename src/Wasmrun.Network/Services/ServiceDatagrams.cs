using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Services;

/// <summary>
/// One UDP port of a service, whoever is bound to it at the moment. Datagrams of a forward wait in the kernel's buffer while
/// nobody is, but those that have waited longer than the hold are thrown away. Used under the lock of the service.
/// </summary>
internal sealed class ServiceDatagrams(TimeSpan hold, TimeProvider time)
{
    private readonly List<HostListener> _forwards = [];
    private readonly List<DatagramPort> _takers = [];
    private long _idleSince = time.GetTimestamp();

    /// <summary>Whether nothing is left that would need it.</summary>
    public bool IsUnused => _forwards.Count == 0 && _takers.Count == 0;

    public void AddForward(BoundForward forward)
    {
        _forwards.AddRange(forward.Listeners);
        Distribute();
    }

    public void RemoveForward(BoundForward forward)
    {
        _forwards.RemoveAll(forward.Listeners.Contains);
        Distribute();
    }

    /// <summary>Whether a socket can have this port of the service's address beside those that other instances have.</summary>
    public bool HasRoomFor(DatagramPort port) => !_takers.Exists(taker => taker != port && (port.IsClient || taker.IsClient));

    public void Attach(DatagramPort taker)
    {
        if (_takers.Contains(taker))
        {
            return;
        }

        if (_takers.Count == 0 && time.GetElapsedTime(_idleSince) > hold)
        {
            _forwards.ForEach(forward => KernelDatagram.Drain(forward.Descriptor));
        }

        _takers.Add(taker);
        Distribute();
    }

    public void Detach(DatagramPort taker)
    {
        if (_takers.Remove(taker))
        {
            taker.SetForwards([]);
            _idleSince = time.GetTimestamp();
        }
    }

    /// <summary>Takes the port from the serving sockets of one instance.</summary>
    public void DetachAll(NetworkNamespace owner)
    {
        foreach (var taker in _takers.Where(taker => taker.Namespace == owner && !taker.IsClient).ToList())
        {
            Detach(taker);
        }
    }

    public void DetachAll()
    {
        _takers.ForEach(taker => taker.SetForwards([]));
        _takers.Clear();
    }

    /// <summary>
    /// Brings a datagram of another service to a socket that is connected to it, if there is one, or else to one of its family; the same sender always
    /// reaches the same instance.
    /// </summary>
    /// <returns>False when nobody is there to receive it.</returns>
    public bool Deliver(InetEndPoint from, ReadOnlySpan<IoVector> data, int length) =>
        Deliver(from, data, length, closeness: 2) || Deliver(from, data, length, closeness: 1) || Deliver(from, data, length, closeness: 0);

    private bool Deliver(InetEndPoint from, ReadOnlySpan<IoVector> data, int length, int closeness)
    {
        var first = _takers.Count == 0 ? 0 : (int)((uint)from.GetHashCode() % (uint)_takers.Count);
        for (var i = 0; i < _takers.Count; i++)
        {
            var taker = _takers[(first + i) % _takers.Count];
            if (taker.IsReachable && taker.Hears(from) && Closeness(taker, from) == closeness && taker.Mailbox.Put(from, data, length))
            {
                return true;
            }
        }

        return false;
    }

    private static int Closeness(DatagramPort taker, InetEndPoint from) =>
        taker.Peer is not null ? 2 : taker.Local.Address.Domain == from.Address.Domain ? 1 : 0;

    private void Distribute()
    {
        HostListener[] forwards = [.. _forwards];
        foreach (var taker in _takers)
        {
            taker.SetForwards(taker.IsClient ? [] : forwards);
        }
    }
}
