using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// A connection between two services is a Unix domain socket, and the client's end is named after its virtual address, so that
/// the server's end knows its peer without asking anyone. Every user of the machine sees such names and may take one before us, so
/// each is used once and ends in a code that nobody else can work out; who has which address is kept here instead.
/// </summary>
internal sealed class ClientNames
{
    private const int KeyLength = 32;
    private const int DomainOffset = 16;
    private const int PortOffset = 17;
    private const int NumberOffset = 19;
    private const int CodeOffset = 27;
    private const int Length = 43;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(KeyLength);
    private readonly Lock _gate = new();
    private readonly HashSet<InetEndPoint> _taken = [];
    private ulong _lastNumber;

    private static ReadOnlySpan<byte> Prefix => "wasmrun-"u8;

    /// <summary>Gives an address to one client, until it is freed, with a name that has never been one before.</summary>
    /// <returns>False when another client has the address.</returns>
    public bool TryTake(InetEndPoint client, out KernelAddress name)
    {
        ulong number;
        lock (_gate)
        {
            if (!_taken.Add(client))
            {
                name = default;
                return false;
            }

            number = ++_lastNumber;
        }

        name = Encode(client, number);
        return true;
    }

    public void Free(InetEndPoint client)
    {
        lock (_gate)
        {
            _taken.Remove(client);
        }
    }

    /// <summary>False for anyone who is no guest of this stack.</summary>
    public bool TryDecode(ReadOnlySpan<byte> name, out InetEndPoint client)
    {
        client = default;
        Span<byte> content = stackalloc byte[Length];
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (!name.StartsWith(Prefix)
            || name.Length != Prefix.Length + (Length * 2)
            || Convert.FromHexString(name[Prefix.Length..], content, out _, out _) != OperationStatus.Done)
        {
            return false;
        }

        HMACSHA256.HashData(_key, content[..CodeOffset], code);
        if (!CryptographicOperations.FixedTimeEquals(content[CodeOffset..], code[..(Length - CodeOffset)]))
        {
            return false;
        }

        var bits = BinaryPrimitives.ReadUInt128BigEndian(content);
        var address = (SocketDomain)content[DomainOffset] == SocketDomain.Inet4 ? InetAddress.FromIPv4((uint)bits) : InetAddress.FromIPv6(bits);
        client = new(address, BinaryPrimitives.ReadUInt16BigEndian(content[PortOffset..]));
        return true;
    }

    private KernelAddress Encode(InetEndPoint client, ulong number)
    {
        Span<byte> content = stackalloc byte[Length];
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(content, client.Address.Bits);
        content[DomainOffset] = (byte)client.Address.Domain;
        BinaryPrimitives.WriteUInt16BigEndian(content[PortOffset..], client.Port);
        BinaryPrimitives.WriteUInt64BigEndian(content[NumberOffset..], number);
        HMACSHA256.HashData(_key, content[..CodeOffset], code);
        code[..(Length - CodeOffset)].CopyTo(content[CodeOffset..]);

        Span<byte> name = stackalloc byte[KernelAddress.MaxPathLength];
        Prefix.CopyTo(name);
        _ = Convert.TryToHexStringLower(content, name[Prefix.Length..], out var written);
        return KernelAddress.FromAbstractName(name[..(Prefix.Length + written)]);
    }
}
