using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Wasmrun.Network.Addresses;

/// <summary>
/// The virtual addresses of one stack: 10.S.0.0/16 with S from the stack's name, and a twin of every address in a unique
/// local IPv6 prefix from the same name. The same stack has the same addresses every time and on every machine.
/// </summary>
/// <seealso href="https://datatracker.ietf.org/doc/html/rfc4193"/>
internal sealed class AddressPlan
{
    private const int HostsPerByte = 254;

    private readonly uint _prefix4;
    private readonly UInt128 _prefix6;

    public AddressPlan(string stackName)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(stackName), hash);
        _prefix4 = (10u << 24) | ((1 + (hash[0] % 254u)) << 16);
        _prefix6 = ((UInt128)0xfd << 120) | ((UInt128)(BinaryPrimitives.ReadUInt64BigEndian(hash[1..]) >> 24) << 80);
    }

    /// <summary>What stands for the host in the stack's network.</summary>
    public InetAddress Gateway4 => Host4(0);

    public InetAddress Gateway6 => Host6(0);

    /// <summary>Number of services that have room beside the gateway.</summary>
    public static int Capacity => (256 * HostsPerByte) - 1;

    /// <summary>The address of a service, counted from 0.</summary>
    public InetAddress Service4(int index) => Host4(index + 1);

    public InetAddress Service6(int index) => Host6(index + 1);

    /// <summary>Whether an address, of either family, lies in the stack's network.</summary>
    public bool Contains(InetAddress address) => address.Domain == SocketDomain.Inet4
        ? (uint)address.Bits >> 16 == _prefix4 >> 16
        : address.Bits >> 64 == _prefix6 >> 64;

    /// <summary>The same host's address in the other family; only for addresses of the stack's network.</summary>
    public InetAddress Twin(InetAddress address)
    {
        var host = (uint)address.Bits & 0xffff;
        return address.Domain == SocketDomain.Inet4
            ? InetAddress.FromIPv6(_prefix6 | host)
            : InetAddress.FromIPv4(_prefix4 | host);
    }

    // A last byte of 0 or 255 is a network or broadcast address to some programs, so neither is given out.
    private static uint HostNumber(int host) => ((uint)(host / HostsPerByte) << 8) | (uint)((host % HostsPerByte) + 1);

    private InetAddress Host4(int host) => InetAddress.FromIPv4(_prefix4 | HostNumber(host));

    private InetAddress Host6(int host) => InetAddress.FromIPv6(_prefix6 | HostNumber(host));
}
