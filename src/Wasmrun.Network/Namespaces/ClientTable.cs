using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Network.Namespaces;

/// <summary>
/// The connections of clients that one instance has accepted and not closed yet: what is waited for when the instance is to
/// go. The guest's thread adds and removes; others count, and end what is idle.
/// </summary>
internal sealed class ClientTable
{
    /// <summary>Linux's <c>SHUT_RD</c>.</summary>
    private const int ShutReading = 0;

    private readonly Lock _gate = new();
    private readonly HashSet<VirtualSocket> _open = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether a connection is somebody's who would miss an answer: not the guest's own, nor a probe of the runner.</summary>
    public static bool IsClient(ConnectionOrigin origin) => origin is ConnectionOrigin.Forward or ConnectionOrigin.Service;

    /// <summary>Counts a client from the moment it is taken out of its queue, so that it is never in neither.</summary>
    public void Taken(ConnectionOrigin origin)
    {
        if (IsClient(origin))
        {
            Interlocked.Increment(ref _count);
        }
    }

    public void Add(VirtualSocket socket, ConnectionOrigin origin)
    {
        if (IsClient(origin))
        {
            lock (_gate)
            {
                _open.Add(socket);
            }
        }
    }

    /// <summary>Before its descriptor is closed: afterwards the number may be somebody else's.</summary>
    public void Remove(VirtualSocket socket)
    {
        lock (_gate)
        {
            if (_open.Remove(socket))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    /// <summary>Lets the guest read the end of every connection that has been answered and quiet since: between two requests.</summary>
    /// <param name="andLocal">
    /// Connections of other services, whose past the kernel does not remember, are taken for idle when nothing waits to be read.
    /// </param>
    public void EndIdle(TimeSpan quiet, bool andLocal)
    {
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                if (TcpActivity.IsIdleAfterAnswer(socket.Descriptor, quiet) ?? (andLocal && !KernelSocket.IsReady(socket.Descriptor, PollEvents.Read)))
                {
                    _ = KernelSocket.Shutdown(socket.Descriptor, ShutReading);
                }
            }
        }
    }
}
