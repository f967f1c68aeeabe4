using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// A socket address as the kernel reads and writes it (<c>struct sockaddr</c> of IPv4, IPv6 and Unix domain sockets), kept
/// on the stack or inside an object so that socket calls allocate nothing.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelAddress
{
    public const int Capacity = 128;

    /// <summary>The longest path that a Unix domain address holds.</summary>
    public const int MaxPathLength = 107;

    private const int DataOffset = 2;
    private const int Address4Offset = 4;
    private const int Address6Offset = 8;
    private const int ScopeOffset = 24;
    private const int Size4 = 16;
    private const int Size6 = 28;

    private Storage _storage;

    /// <summary>Number of bytes that count; set to <see cref="Capacity"/> before the kernel writes an address.</summary>
    public uint Length;

    public readonly int Family => Length < DataOffset ? 0 : MemoryMarshal.Read<ushort>(_storage);

    /// <summary>Address and port; 0.0.0.0:0 for an address of another family.</summary>
    public readonly InetEndPoint EndPoint => Family switch
    {
        Libc.AfInet => new(InetAddress.FromBytes(Bytes.Slice(Address4Offset, 4)), Port),
        Libc.AfInet6 => new(InetAddress.FromBytes(Bytes.Slice(Address6Offset, 16)), Port),
        _ => default,
    };

    /// <summary>The name in Linux's abstract namespace, without its leading zero; empty for any other address.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AbstractName =>
        Family == Libc.AfUnix && Length > DataOffset + 1 && Bytes[DataOffset] == 0 ? Bytes[(DataOffset + 1)..(int)Length] : default;

    private readonly ushort Port => BinaryPrimitives.ReadUInt16BigEndian(Bytes.Slice(DataOffset, sizeof(ushort)));

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Bytes => _storage;

    public static KernelAddress From(InetEndPoint endPoint)
    {
        var result = default(KernelAddress);
        Span<byte> bytes = result._storage;
        var version4 = endPoint.Address.Domain == SocketDomain.Inet4;
        MemoryMarshal.Write(bytes, (ushort)(version4 ? Libc.AfInet : Libc.AfInet6));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[DataOffset..], endPoint.Port);
        endPoint.Address.CopyTo(bytes[(version4 ? Address4Offset : Address6Offset)..]);
        result.Length = version4 ? Size4 : (uint)Size6;
        return result;
    }

    /// <summary>Keeps the scope of a link-local IPv6 address, which <see cref="InetEndPoint"/> has no room for.</summary>
    public static KernelAddress From(IPAddress address, int port)
    {
        var result = From(new InetEndPoint(InetAddress.From(address), (ushort)port));
        if (address.IsIPv6LinkLocal)
        {
            Span<byte> bytes = result._storage;
            MemoryMarshal.Write(bytes[ScopeOffset..], (uint)address.ScopeId);
        }

        return result;
    }

    /// <summary>A Unix domain socket in the file system.</summary>
    /// <exception cref="ArgumentException">The path is longer than <see cref="MaxPathLength"/>.</exception>
    public static KernelAddress FromPath(ReadOnlySpan<byte> path)
    {
        if (path.Length > MaxPathLength)
        {
            throw new ArgumentException("the path does not fit a Unix domain socket's address", nameof(path));
        }

        var result = default(KernelAddress);
        Span<byte> bytes = result._storage;
        MemoryMarshal.Write(bytes, (ushort)Libc.AfUnix);
        path.CopyTo(bytes[DataOffset..]);
        result.Length = (uint)(DataOffset + path.Length + 1);
        return result;
    }

    /// <summary>A name in Linux's abstract namespace, which needs no file and ends with its socket.</summary>
    public static KernelAddress FromAbstractName(ReadOnlySpan<byte> name)
    {
        var result = default(KernelAddress);
        Span<byte> bytes = result._storage;
        MemoryMarshal.Write(bytes, (ushort)Libc.AfUnix);
        name.CopyTo(bytes[(DataOffset + 1)..]);
        result.Length = (uint)(DataOffset + 1 + name.Length);
        return result;
    }

    [UnscopedRef]
    public ref byte Start() => ref Unsafe.As<Storage, byte>(ref _storage);

    [InlineArray(Capacity)]
    private struct Storage
    {
        private byte _first;
    }
}
