using System.Net;

namespace Wasmrun.Network.Forwards;

/// <summary>
/// A forward that has its host port: it owns the kernel sockets on all of its addresses, from before the service starts until
/// after it has stopped. It belongs to the service's network once handed to it, and to whoever reserved it until then.
/// </summary>
public sealed class BoundForward : IDisposable
{
    internal BoundForward(HostPortRequest request, IReadOnlyList<HostListener> listeners)
        : this(request.Owner, request.GuestPort, request.Protocol, listeners)
    {
    }

    private BoundForward(string owner, int guestPort, ForwardProtocol protocol, IReadOnlyList<HostListener> listeners)
    {
        Owner = owner;
        GuestPort = guestPort;
        Protocol = protocol;
        Listeners = listeners;
        EndPoints = [.. listeners.Select(listener => listener.EndPoint)];
        HostPort = EndPoints[0].Port;
    }

    /// <summary>The service that asked for it.</summary>
    public string Owner { get; }

    public int HostPort { get; }

    public int GuestPort { get; }

    public ForwardProtocol Protocol { get; }

    /// <summary>Where the host listens: fewer than asked for on a machine without IPv6.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; }

    internal IReadOnlyList<HostListener> Listeners { get; }

    /// <summary>
    /// The same host port for another service or another port of it: the kernel sockets stay as they are, and so does who waits
    /// at them. Takes the place of this one, which must be detached from its service before and not be used afterwards.
    /// </summary>
    public BoundForward Retarget(string owner, int guestPort) => new(owner, guestPort, Protocol, Listeners);

    public void Dispose()
    {
        foreach (var listener in Listeners)
        {
            listener.Dispose();
        }
    }
}
