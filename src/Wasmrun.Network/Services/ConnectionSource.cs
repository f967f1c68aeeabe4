using Wasmrun.Network.Addresses;
using Wasmrun.Network.Forwards;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Services;

/// <summary>
/// A kernel listener that connections to one guest port arrive at: one of a forward's, or the service's own for the other
/// services of the stack. It outlives the instances that take connections from it.
/// </summary>
internal sealed class ConnectionSource
{
    private readonly StackNetwork _stack;
    private readonly InetAddress _serviceAddress;

    private ConnectionSource(ServicePort port, int descriptor, SocketDomain domain, BoundForward? forward)
    {
        Port = port;
        Descriptor = descriptor;
        Domain = domain;
        Forward = forward;
        _stack = port.Service.Stack;
        _serviceAddress = domain == SocketDomain.Inet4 ? port.Service.Address4 : port.Service.Address6;
    }

    public ServicePort Port { get; }

    public int Descriptor { get; }

    /// <summary>The family of the clients; those of other services count as IPv4 where there is no source of their own for IPv6.</summary>
    public SocketDomain Domain { get; }

    /// <summary>Where the other services connect to, for the service's own listener.</summary>
    public KernelAddress Address { get; private init; }

    /// <summary>Null for the service's own listener.</summary>
    public BoundForward? Forward { get; }

    /// <summary>Clients seen waiting while nobody listens.</summary>
    public HeldArrivals Held { get; } = new();

    /// <summary>Under which the watcher knows this source; zero while it is not watched.</summary>
    public ulong WatchKey { get; set; }

    public static ConnectionSource Of(ServicePort port, BoundForward forward, HostListener listener) =>
        new(port, listener.Descriptor, listener.Domain, forward);

    /// <summary>Takes ownership of a listening Unix domain socket.</summary>
    public static ConnectionSource Internal(ServicePort port, int descriptor, SocketDomain domain, KernelAddress address) =>
        new(port, descriptor, domain, forward: null) { Address = address };

    /// <summary>Takes a waiting connection; <see cref="Errno.EAGAIN"/> when there is none.</summary>
    public Errno TryAccept(out AcceptedConnection accepted)
    {
        Errno error;
        while ((error = KernelSocket.Accept(Descriptor, out var descriptor, out var peer)) == Errno.None)
        {
            if (Forward is not null)
            {
                accepted = new(descriptor, ConnectionOrigin.Forward, peer.EndPoint, _serviceAddress);
                return Errno.None;
            }

            if (_stack.ClientNames.TryDecode(peer.AbstractName, out var client))
            {
                var local = client.Address.Domain == SocketDomain.Inet4 ? Port.Service.Address4 : Port.Service.Address6;
                accepted = new(descriptor, ConnectionOrigin.Service, client, local);
                return Errno.None;
            }

            // No guest, but some program of the user's that has found the folder: nobody whom a guest could be told of.
            _ = Libc.Close(descriptor);
        }

        accepted = default;
        return error;
    }
}
