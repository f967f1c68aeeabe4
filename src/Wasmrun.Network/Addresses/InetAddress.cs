using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Wasmrun.Network.Addresses;

/// <summary>
/// An IPv4 or IPv6 address as a plain value, so that the socket calls of a guest carry addresses without allocating.
/// The default value is 0.0.0.0.
/// </summary>
public readonly record struct InetAddress
{
    private static readonly UInt128 _mappedPrefix = new(0, 0xffff_0000_0000);

    private readonly UInt128 _bits;

    private InetAddress(SocketDomain domain, UInt128 bits)
    {
        Domain = domain;
        _bits = bits;
    }

    public static InetAddress Any4 => default;

    public static InetAddress Loopback4 => FromIPv4(0x7f000001);

    public static InetAddress Any6 => FromIPv6(0);

    public static InetAddress Loopback6 => FromIPv6(1);

    public SocketDomain Domain { get; }

    /// <summary>The address as a number in host order; an IPv4 address fills the lowest 32 bits.</summary>
    public UInt128 Bits => _bits;

    public bool IsAny => _bits == 0;

    public bool IsLoopback => Domain == SocketDomain.Inet4 ? (uint)_bits >> 24 == 127 : _bits == 1;

    /// <summary>Whether this is an IPv4 address in the form that IPv6 sockets use for it, <c>::ffff:a.b.c.d</c>.</summary>
    public bool IsMapped => Domain == SocketDomain.Inet6 && _bits >> 32 == _mappedPrefix >> 32;

    /// <summary>Number of bytes in network order: 4 or 16.</summary>
    public int Size => Domain == SocketDomain.Inet4 ? 4 : 16;

    public static InetAddress AnyOf(SocketDomain domain) => domain == SocketDomain.Inet4 ? Any4 : Any6;

    public static InetAddress FromIPv4(uint bits) => new(SocketDomain.Inet4, bits);

    public static InetAddress FromIPv6(UInt128 bits) => new(SocketDomain.Inet6, bits);

    /// <summary>Reads 4 or 16 bytes in network order.</summary>
    /// <exception cref="ArgumentException">The length is neither.</exception>
    public static InetAddress FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        16 => FromIPv6(BinaryPrimitives.ReadUInt128BigEndian(bytes)),
        _ => throw new ArgumentException("an address has 4 or 16 bytes", nameof(bytes)),
    };

    public static InetAddress From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var length);
        return FromBytes(bytes[..length]);
    }

    /// <summary>Reads a numeric address; host names are left to the resolver.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out InetAddress address)
    {
        // The system's parser also takes "1" and "0x7f.1"; here four decimal parts are an IPv4 address and nothing else is.
        address = default;
        if (!IPAddress.TryParse(text, out var parsed) || (parsed.AddressFamily == AddressFamily.InterNetwork && text.Count('.') != 3))
        {
            return false;
        }

        address = From(parsed);
        return true;
    }

    /// <summary>Writes <see cref="Size"/> bytes in network order.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        if (Domain == SocketDomain.Inet4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)_bits);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        }
    }

    /// <summary>The IPv4 address inside a mapped one; any other address as it is.</summary>
    public InetAddress Unmapped() => IsMapped ? FromIPv4((uint)_bits) : this;

    /// <summary>An IPv4 address in the form that IPv6 sockets use for it; an IPv6 address as it is.</summary>
    public InetAddress Mapped() => Domain == SocketDomain.Inet4 ? FromIPv6(_mappedPrefix | _bits) : this;

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        CopyTo(bytes);
        return new IPAddress(bytes[..Size]);
    }

    public override string ToString() => ToIPAddress().ToString();
}
