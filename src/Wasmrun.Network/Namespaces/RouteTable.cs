using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Namespaces;

/// <summary>Tells where an address leads to.</summary>
internal static class RouteTable
{
    public static Route Find(InetAddress address, NetworkNamespace from)
    {
        if (from.Owns(address))
        {
            return new(RouteKind.Own, null, Errno.None);
        }

        var stack = from.Service.Stack;
        if (!stack.Addresses.Contains(address))
        {
            return new(RouteKind.Outside, null, Errno.None);
        }

        if (address == stack.Addresses.Gateway4 || address == stack.Addresses.Gateway6)
        {
            return new(RouteKind.Host, null, Errno.None);
        }

        return stack.FindByAddress(address) switch
        {
            null => Route.Unreachable(stack.IsAssigned(address) ? Errno.ECONNREFUSED : Errno.EHOSTUNREACH),
            var service when service.SharesNetworkWith(from.Service) => new(RouteKind.Service, service, Errno.None),
            _ => Route.Unreachable(Errno.ENETUNREACH),
        };
    }
}
