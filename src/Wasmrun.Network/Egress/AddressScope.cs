using System.Net;
using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Egress;

/// <summary>
/// Tells addresses of the public Internet from all others: private, loopback, link-local, multicast, documentation, reserved. A
/// name that resolves to one of those is a classic way into somebody's inner network.
/// </summary>
/// <seealso href="https://www.iana.org/assignments/iana-ipv4-special-registry/"/>
/// <seealso href="https://www.iana.org/assignments/iana-ipv6-special-registry/"/>
internal static class AddressScope
{
    private static readonly (uint Prefix, int Length)[] _special4 =
    [
        Block("0.0.0.0/8"), Block("10.0.0.0/8"), Block("100.64.0.0/10"), Block("127.0.0.0/8"), Block("169.254.0.0/16"),
        Block("172.16.0.0/12"), Block("192.0.0.0/24"), Block("192.0.2.0/24"), Block("192.88.99.0/24"), Block("192.168.0.0/16"),
        Block("198.18.0.0/15"), Block("198.51.100.0/24"), Block("203.0.113.0/24"), Block("224.0.0.0/3"),
    ];

    private static readonly UInt128 _global6 = Prefix("2000::");
    private static readonly UInt128 _protocols6 = Prefix("2001::");
    private static readonly UInt128 _documentation6 = Prefix("2001:db8::");
    private static readonly UInt128 _documentation6Long = Prefix("3fff::");
    private static readonly UInt128 _sixToFour = Prefix("2002::");
    private static readonly UInt128 _nat64 = Prefix("64:ff9b::");

    public static bool IsPublic(InetAddress address)
    {
        address = address.Unmapped();
        return address.Domain == SocketDomain.Inet4 ? IsPublic((uint)address.Bits) : IsPublic(address.Bits);
    }

    private static bool IsPublic(uint address) =>
        !Array.Exists(_special4, block => (address ^ block.Prefix) >> (32 - block.Length) == 0);

    private static bool IsPublic(UInt128 address)
    {
        // Two ways to write an IPv4 address in IPv6, which are as public as what is in them.
        if (IsWithin(address, _nat64, 96))
        {
            return IsPublic((uint)address);
        }

        if (IsWithin(address, _sixToFour, 16))
        {
            return IsPublic((uint)(address >> 80));
        }

        return IsWithin(address, _global6, 3)
            && !IsWithin(address, _protocols6, 23)
            && !IsWithin(address, _documentation6, 32)
            && !IsWithin(address, _documentation6Long, 20);
    }

    private static bool IsWithin(UInt128 address, UInt128 prefix, int length) => (address ^ prefix) >> (128 - length) == 0;

    private static UInt128 Prefix(string text) => InetAddress.From(IPAddress.Parse(text)).Bits;

    private static (uint Prefix, int Length) Block(string text)
    {
        var block = IPNetwork.Parse(text);
        return ((uint)InetAddress.From(block.BaseAddress).Bits, block.PrefixLength);
    }
}
