using System.Globalization;
using System.Text;
using Wasmrun.Network.Addresses;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>Addresses as text, for what is written with each datagram: for IPv4 without allocating anything.</summary>
internal static class AddressText
{
    private const int Parts = 4;
    private const byte Dot = (byte)'.';

    /// <summary>Writes an address and returns how many bytes that took.</summary>
    public static int Write(InetAddress address, Span<byte> text)
    {
        if (address.Domain != SocketDomain.Inet4)
        {
            return Encoding.ASCII.GetBytes(address.ToString(), text);
        }

        var length = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            _ = ((byte)(uint)(address.Bits >> shift)).TryFormat(text[length..], out var digits, provider: CultureInfo.InvariantCulture);
            length += digits;
            if (shift > 0)
            {
                text[length++] = Dot;
            }
        }

        return length;
    }

    public static bool TryRead(ReadOnlySpan<byte> text, out InetAddress address)
    {
        if (TryReadParts(text, out var bits))
        {
            address = InetAddress.FromIPv4(bits);
            return true;
        }

        Span<char> characters = stackalloc char[text.Length];
        return InetAddress.TryParse(characters[..Encoding.ASCII.GetChars(text, characters)], out address);
    }

    private static bool TryReadParts(ReadOnlySpan<byte> text, out uint bits)
    {
        bits = 0;
        for (var part = 1; part <= Parts; part++)
        {
            var length = part < Parts ? text.IndexOf(Dot) : text.Length;
            if (length < 0 || !byte.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            bits = (bits << 8) | value;
            text = text[Math.Min(length + 1, text.Length)..];
        }

        return true;
    }
}
