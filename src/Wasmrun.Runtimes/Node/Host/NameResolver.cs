using System.Text;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Names as the guest's network knows them, with failures as Node.js tells them.</summary>
internal sealed class NameResolver(DrivenGuest guest)
{
    private const int MaxAddresses = 16;

    /// <summary>All addresses of a name, at least one.</summary>
    /// <param name="call">Who asks, for the message.</param>
    /// <param name="port">The port that is going to be connected to, where that is known.</param>
    /// <exception cref="HostErrorException">There is none.</exception>
    public InetAddress[] Resolve(string host, string call, int port = 0)
    {
        var addresses = new InetAddress[MaxAddresses];
        var error = guest.Network.Resolve(Encoding.UTF8.GetBytes(host), addresses, out var count, port);
        return error == Errno.None && count > 0
            ? addresses[..count]
            : throw new HostErrorException(
                error == Errno.EACCES ? "EACCES" : "ENOTFOUND",
                $"{(error == Errno.EACCES ? $"{call} EACCES (the service's egress does not list it)" : "getaddrinfo ENOTFOUND")} {host}");
    }
}
