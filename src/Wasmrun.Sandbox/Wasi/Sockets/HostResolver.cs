using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>Finds addresses that a socket can use, of a host that a guest has written as text.</summary>
internal static class HostResolver
{
    public const int MaxAddresses = 32;

    /// <summary>Stands for every address of the service.</summary>
    public const string Any = "*";

    /// <summary>Finds the addresses of a host for sockets of one family; those of IPv6 can use IPv4 addresses, too.</summary>
    /// <param name="host">A name, an address, or <see cref="Any"/>.</param>
    /// <param name="port">The port that is going to be connected to, where that is known.</param>
    /// <returns><see cref="Errno.EAFNOSUPPORT"/> for a host with addresses of the other family only.</returns>
    public static Errno Resolve(NetworkNamespace network, string host, SocketDomain domain, Span<InetAddress> addresses, out int count, int port = 0)
    {
        count = 0;
        if (host == Any)
        {
            addresses[count++] = InetAddress.AnyOf(domain);
            return Errno.None;
        }

        if (Resolve(network, host, addresses, out var found, port) is var error and not Errno.None)
        {
            return error;
        }

        foreach (var address in addresses[..found])
        {
            if (address.Domain == domain)
            {
                addresses[count++] = address;
            }
        }

        if (count == 0 && domain == SocketDomain.Inet6)
        {
            for (; count < found; count++)
            {
                addresses[count] = addresses[count].Mapped();
            }
        }

        return count > 0 ? Errno.None : Errno.EAFNOSUPPORT;
    }

    /// <summary>Finds all addresses of a host, in the order in which they should be tried.</summary>
    /// <param name="port">The port that is going to be connected to, where that is known.</param>
    public static Errno Resolve(NetworkNamespace network, string host, Span<InetAddress> addresses, out int count, int port = 0) =>
        network.Resolve(Encoding.UTF8.GetBytes(host), addresses, out count, port);
}
