using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Addresses;

/// <summary>Decides which address a guest is shown: never one of the host's, and always one of its socket's own family.</summary>
internal sealed class Presentation(AddressPlan plan, HostAddresses host)
{
    /// <summary>
    /// A client of a forward: itself when remote, the gateway when it is the host, or when it has an address by which the guest knows another service.
    /// </summary>
    public InetEndPoint OfClient(InetEndPoint client) =>
        host.Contains(client.Address) || plan.Contains(client.Address.Unmapped())
            ? client with { Address = client.Address.Domain == SocketDomain.Inet4 ? plan.Gateway4 : plan.Gateway6 }
            : client;

    public InetEndPoint Of(InetEndPoint endPoint, SocketDomain domain) => domain switch
    {
        SocketDomain.Inet4 => endPoint with { Address = In4(endPoint.Address) },
        SocketDomain.Inet6 => endPoint with { Address = endPoint.Address.Mapped() },
        _ => default,
    };

    private InetAddress In4(InetAddress address)
    {
        if (address.Domain == SocketDomain.Inet4 || address.IsMapped)
        {
            return address.Unmapped();
        }

        if (plan.Contains(address))
        {
            return plan.Twin(address);
        }

        if (address.IsAny)
        {
            return InetAddress.Any4;
        }

        // A socket that only knows IPv4 cannot name a client that comes over IPv6.
        return address.IsLoopback ? InetAddress.Loopback4 : plan.Gateway4;
    }
}
