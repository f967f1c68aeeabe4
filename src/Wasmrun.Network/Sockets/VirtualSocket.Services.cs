using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Namespaces;

namespace Wasmrun.Network.Sockets;

/// <content>How a stream socket gets to another service: by a Unix domain socket, under a name that tells the other end who this is.</content>
public sealed partial class VirtualSocket
{
    /// <summary>The address that this socket alone has toward the other services; its port is 0 while there is none.</summary>
    private InetEndPoint _claimed;

    private Errno ConnectToService(ServiceNetwork service, InetEndPoint remote)
    {
        if (!service.TryGetInternalAddress(remote.Port, remote.Address.Domain, out var address))
        {
            return Errno.ECONNREFUSED;
        }

        var descriptor = None;
        var error = Claim(remote.Address, out var name);
        error = error == Errno.None ? ConnectNamed(name, address, out descriptor) : error;
        if (error != Errno.None)
        {
            FreeClaim();
            return error switch
            {
                Errno.EAGAIN => QueueIsFull(),
                Errno.ENOENT => Errno.ECONNREFUSED,
                _ => error,
            };
        }

        OpenConnected(descriptor, _claimed, remote, ConnectionOrigin.Service);
        return Errno.None;
    }

    private Errno ConnectNamed(KernelAddress name, KernelAddress address, out int descriptor)
    {
        var error = KernelSocket.OpenUnix(datagram: false, out descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        error = KernelSocket.Bind(descriptor, name);
        error = error == Errno.None ? ConnectPatiently(descriptor, address) : error;
        if (error != Errno.None)
        {
            _ = Libc.Close(descriptor);
        }

        return error;
    }

    private Errno ConnectPatiently(int descriptor, KernelAddress address)
    {
        try
        {
            var deadline = Deadline.After(SendTimeout);
            Errno error;
            do
            {
                error = KernelSocket.Connect(descriptor, address);
            }
            while (error == Errno.EAGAIN && WaitsForRoom(deadline));

            return error;
        }
        catch (GuestStoppedException)
        {
            _ = Libc.Close(descriptor);
            throw;
        }
    }

    /// <summary>Makes sure that no other socket has this one's address toward the other services, if need be with another port.</summary>
    private Errno Claim(InetAddress remote, out KernelAddress name)
    {
        var names = _namespace.Service.Stack.ClientNames;
        InetEndPoint wanted;
        for (var tries = 0; !names.TryTake(wanted = LocalToward(remote), out name); tries++)
        {
            // Another instance of the same service, which shares the address, has this port at the moment.
            if (WasBoundByGuest)
            {
                return Errno.EADDRINUSE;
            }

            _namespace.Stop.ThrowIfRequested();
            GivePortBack();
            if (tries == PortTable.EphemeralCount || BindChecked(Local) != Errno.None)
            {
                return Errno.EADDRNOTAVAIL;
            }
        }

        _claimed = wanted;
        return Errno.None;
    }

    private void FreeClaim()
    {
        if (_claimed.Port != 0)
        {
            _namespace.Service.Stack.ClientNames.Free(_claimed);
            _claimed = default;
        }
    }
}
