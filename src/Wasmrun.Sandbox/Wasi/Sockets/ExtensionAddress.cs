using Wasmrun.Network.Addresses;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>
/// Addresses as the socket extension passes them: a pointer and a size of their bytes, with the port beside it. A buffer of 128
/// bytes has the family in front.
/// </summary>
internal static class ExtensionAddress
{
    public const ushort Inet4 = 1;
    public const ushort Inet6 = 2;

    private const uint ShortSize = 16;
    private const uint LongSize = 128;
    private const uint FamilySize = sizeof(ushort);
    private const uint Type4 = 4;
    private const uint Type6 = 6;

    public static WasiErrno Read(GuestMemory memory, uint address, uint port, out InetEndPoint endPoint)
    {
        endPoint = default;
        if (port > ushort.MaxValue)
        {
            return WasiErrno.EINVAL;
        }

        var bytes = memory.Read<uint>(address);
        var size = memory.Read<uint>(address + sizeof(uint));
        if (size == LongSize)
        {
            var family = memory.Read<ushort>(bytes);
            bytes += FamilySize;
            size = family switch
            {
                Inet4 => 4,
                Inet6 => 16,
                _ => 0,
            };
        }

        if (size is not (4 or 16))
        {
            return WasiErrno.EAFNOSUPPORT;
        }

        endPoint = new(InetAddress.FromBytes(memory.Bytes(bytes, size)), (ushort)port);
        return WasiErrno.None;
    }

    /// <summary>Writes an address, what it is, and its port, to three places.</summary>
    public static WasiErrno Write(GuestMemory memory, uint address, uint type, uint port, InetEndPoint endPoint)
    {
        memory.Check<uint>(type);
        memory.Check<uint>(port);
        var bytes = memory.Read<uint>(address);
        var size = memory.Read<uint>(address + sizeof(uint));
        if (size < ShortSize)
        {
            return WasiErrno.EINVAL;
        }

        var version4 = endPoint.Address.Domain == SocketDomain.Inet4;
        endPoint.Address.CopyTo(memory.Bytes(bytes, ShortSize));
        memory.Write(type, version4 ? Type4 : Type6);
        memory.Write(port, (uint)endPoint.Port);
        return WasiErrno.None;
    }

    /// <summary>Checks the buffer that <see cref="WriteLong"/> will write to.</summary>
    public static WasiErrno CheckLong(GuestMemory memory, uint address)
    {
        var size = memory.Read<uint>(address + sizeof(uint));
        _ = memory.Bytes(memory.Read<uint>(address), size);
        return size < LongSize ? WasiErrno.EINVAL : WasiErrno.None;
    }

    /// <summary>Writes an address with its family in front.</summary>
    public static void WriteLong(GuestMemory memory, uint address, InetAddress value)
    {
        var bytes = memory.Read<uint>(address);
        memory.Write(bytes, value.Domain == SocketDomain.Inet4 ? Inet4 : Inet6);
        value.CopyTo(memory.Bytes(bytes + FamilySize, ShortSize));
    }
}
