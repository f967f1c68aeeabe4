using System.Globalization;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>
/// The header of a datagram in the device tree: a line of text of fixed length, <c>ADDRESS PORT</c> and, when a part of the
/// datagram is lost, <c>truncated</c>, filled up with spaces. Of fixed length, because a reader must know how much room
/// the datagram itself has.
/// </summary>
internal static unsafe class DatagramHeader
{
    /// <summary>Bytes, the line end included.</summary>
    public const int Size = 64;

    private const byte Space = (byte)' ';
    private const byte LineEnd = (byte)'\n';

    public static void Write(Span<byte> header, InetEndPoint sender, bool truncated)
    {
        header.Fill(Space);
        header[^1] = LineEnd;
        var length = AddressText.Write(sender.Address, header);
        _ = sender.Port.TryFormat(header[(length + 1)..], out var digits, provider: CultureInfo.InvariantCulture);
        if (truncated)
        {
            "truncated"u8.CopyTo(header[(length + digits + 2)..]);
        }
    }

    /// <summary>Reads where a datagram goes; false when that is no numeric address and port.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, out InetEndPoint remote)
    {
        remote = default;
        var text = header.TrimEnd("\n \0"u8);
        var gap = text.IndexOf(Space);
        if (gap < 0 || !AddressText.TryRead(text[..gap], out var address)
            || !ushort.TryParse(text[(gap + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        remote = new(address, port);
        return true;
    }

    /// <summary>Leaves the header out of a list of buffers, which must be at least as long; false when they are not.</summary>
    public static bool TrySplit(ReadOnlySpan<IoVector> buffers, Span<IoVector> payload)
    {
        nuint left = Size;
        for (var index = 0; index < buffers.Length; index++)
        {
            var taken = nuint.Min(left, buffers[index].Length);
            payload[index] = new(buffers[index].Base + (nint)taken, buffers[index].Length - taken);
            left -= taken;
        }

        return left == 0;
    }

    /// <summary>Puts a header at the beginning of the buffers.</summary>
    public static void Scatter(ReadOnlySpan<byte> header, ReadOnlySpan<IoVector> buffers)
    {
        foreach (var buffer in buffers)
        {
            var length = (int)nuint.Min(buffer.Length, (nuint)header.Length);
            header[..length].CopyTo(new((void*)buffer.Base, length));
            header = header[length..];
        }
    }

    /// <summary>Takes a header from the beginning of the buffers.</summary>
    public static void Gather(ReadOnlySpan<IoVector> buffers, Span<byte> header)
    {
        foreach (var buffer in buffers)
        {
            var length = (int)nuint.Min(buffer.Length, (nuint)header.Length);
            new ReadOnlySpan<byte>((void*)buffer.Base, length).CopyTo(header);
            header = header[length..];
        }
    }
}
