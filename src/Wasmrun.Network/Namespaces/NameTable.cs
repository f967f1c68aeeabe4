using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Namespaces;

/// <summary>The names that the stack itself answers for, which needs no name server and no waiting.</summary>
internal static class NameTable
{
    /// <summary>Stands for the host, whose own loopback is behind it where the manifest says so.</summary>
    public const string HostAlias = "host.wasmrun.internal";

    private const string Localhost = "localhost";

    public static IReadOnlyList<InetAddress> Find(string name, ServiceNetwork asker)
    {
        if (InetAddress.TryParse(name, out var numeric))
        {
            return [numeric];
        }

        if (name.Equals(Localhost, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + Localhost, StringComparison.OrdinalIgnoreCase))
        {
            return [InetAddress.Loopback4, InetAddress.Loopback6];
        }

        if (name.Equals(HostAlias, StringComparison.OrdinalIgnoreCase))
        {
            return [asker.Stack.Addresses.Gateway4, asker.Stack.Addresses.Gateway6];
        }

        var services = asker.Stack.FindByName(name, asker);
        return [.. services.Select(service => service.Address4), .. services.Select(service => service.Address6)];
    }
}
