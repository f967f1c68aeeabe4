using System.Buffers.Binary;
using System.Globalization;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi.Sockets;

namespace Wasmrun.Sandbox.Wasi;

/// <content>Name resolution of the socket extension, which fills in a linked list that the guest has laid out.</content>
internal sealed partial class WasiHost
{
    private const int MaxAddresses = 32;

    // Where things are in the extension's addrinfo and sockaddr.
    private const uint InfoFamily = 2;
    private const uint InfoType = 3;
    private const uint InfoProtocol = 4;
    private const uint InfoLength = 8;
    private const uint InfoAddress = 12;
    private const uint InfoNameLength = 20;
    private const uint InfoNext = 24;
    private const uint InfoSize = 28;
    private const uint AddressLength = 4;
    private const uint AddressData = 8;
    private const uint DataSize4 = 14;
    private const uint DataSize6 = 26;

    /// <summary>More bytes than any name of a host or a service has.</summary>
    private const uint LongestText = 1025;

    private const byte ProtocolTcp = 1;
    private const byte ProtocolUdp = 2;

    private WasiErrno GetAddressInfo(
        uint node, uint nodeLength, uint service, uint serviceLength, uint hints, uint list, uint max, uint used)
    {
        var memory = Memory;
        memory.Check<uint>(used);
        var family = hints == 0 ? (byte)0 : memory.Read<byte>(hints + InfoFamily);
        var type = hints == 0 ? (byte)0 : memory.Read<byte>(hints + InfoType);
        if (family > ExtensionAddress.Inet6)
        {
            return AddressInfoError.Family;
        }

        if (serviceLength > LongestText || !TryReadPort(Text(memory, service, serviceLength), out var port))
        {
            return AddressInfoError.Service;
        }

        if (nodeLength > LongestText)
        {
            return AddressInfoError.NoName;
        }

        // Without a name the guest asks where to listen, or for its own loopback.
        var name = Text(memory, node, nodeLength);
        Span<InetAddress> addresses = stackalloc InetAddress[MaxAddresses];
        (addresses[0], addresses[1]) = (InetAddress.Any4, InetAddress.Any6);
        var count = 2;
        if (!name.IsEmpty && _options.Network.Resolve(name, addresses, out count, port) is var error and not Errno.None)
        {
            return error == Errno.ENOENT ? AddressInfoError.NoName : error.ToWasi();
        }

        var next = max == 0 ? 0 : memory.Read<uint>(list);
        var written = 0u;
        foreach (var address in addresses[..count])
        {
            if (next != 0 && written < max && Wanted(address.Domain, family))
            {
                WriteInfo(Memory, next, address, port, type);
                next = Memory.Read<uint>(next + InfoNext);
                written++;
            }
        }

        Memory.Write(used, written);
        return written == 0 && max > 0 ? AddressInfoError.NoName : WasiErrno.None;
    }

    private static bool Wanted(SocketDomain domain, byte family) =>
        family == 0 || family == (domain == SocketDomain.Inet4 ? ExtensionAddress.Inet4 : ExtensionAddress.Inet6);

    private static void WriteInfo(GuestMemory memory, uint info, InetAddress address, ushort port, byte type)
    {
        _ = memory.Bytes(info, InfoSize);
        var version4 = address.Domain == SocketDomain.Inet4;
        var family = (byte)(version4 ? ExtensionAddress.Inet4 : ExtensionAddress.Inet6);
        memory.Write(info + InfoFamily, family);
        memory.Write(info + InfoType, type == 0 ? (byte)Stream : type);
        memory.Write(info + InfoProtocol, type == Datagram ? ProtocolUdp : ProtocolTcp);
        memory.Write(info + InfoNameLength, 0u);

        var place = memory.Read<uint>(info + InfoAddress);
        var length = version4 ? DataSize4 : DataSize6;
        var data = memory.Bytes(memory.Read<uint>(place + AddressData), length);
        data.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(data, port);
        address.CopyTo(data[(version4 ? 2 : 6)..]);
        memory.Write(place, family);
        memory.Write(place + AddressLength, length);
        memory.Write(info + InfoLength, length);
    }

    /// <summary>A text with its length, of which the final NUL may be a part.</summary>
    private static ReadOnlySpan<byte> Text(GuestMemory memory, uint address, uint length) =>
        length == 0 ? default : ((ReadOnlySpan<byte>)memory.Bytes(address, length)).TrimEnd((byte)0);

    private static bool TryReadPort(ReadOnlySpan<byte> service, out ushort port)
    {
        port = 0;
        return service.IsEmpty
            || ushort.TryParse(service, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || WellKnownPorts.TryGet(service, out port);
    }
}
