using System.Net;
using System.Net.Sockets;

namespace Wasmrun.Network.Egress;

/// <summary>The system's resolver, which may take its time.</summary>
internal sealed class SystemNameResolver : INameResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken token)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(name, token);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            return [];
        }
    }
}
