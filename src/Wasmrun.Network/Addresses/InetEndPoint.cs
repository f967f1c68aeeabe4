using System.Globalization;
using System.Net;

namespace Wasmrun.Network.Addresses;

/// <summary>An address and a port as a plain value; see <see cref="InetAddress"/>.</summary>
public readonly record struct InetEndPoint(InetAddress Address, ushort Port)
{
    public static InetEndPoint From(IPEndPoint endPoint) => new(InetAddress.From(endPoint.Address), (ushort)endPoint.Port);

    public IPEndPoint ToIPEndPoint() => new(Address.ToIPAddress(), Port);

    public override string ToString() => Address.Domain == SocketDomain.Inet4
        ? string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}");
}
