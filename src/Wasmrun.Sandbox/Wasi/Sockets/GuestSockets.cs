using Wasmrun.Network;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>
/// Makes the descriptors of one instance's sockets. Those of streams are used again, so that a server that accepts
/// connections all day allocates nothing for them.
/// </summary>
internal sealed class GuestSockets(NetworkNamespace network)
{
    private const int PoolSize = 256;

    private readonly Stack<SocketDescriptor> _pool = new();

    public NetworkNamespace Network => network;

    /// <summary>Makes a descriptor that takes over one hold of a socket.</summary>
    public SocketDescriptor Open(VirtualSocket socket, Rights rights, FdFlags flags)
    {
        if (socket.Kind == SocketKind.Datagram || !_pool.TryPop(out var descriptor))
        {
            descriptor = new(socket.Kind, this);
        }

        descriptor.Open(socket, rights, flags);
        return descriptor;
    }

    /// <summary>Takes a closed descriptor back, if it is one of those that are used again.</summary>
    public void Reuse(SocketDescriptor descriptor)
    {
        if (descriptor.IsPlainStream && _pool.Count < PoolSize)
        {
            _pool.Push(descriptor);
        }
    }
}
