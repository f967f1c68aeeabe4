using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// A connection between two services is a Unix domain socket, and the client's end is named after its virtual address, so that
/// the server's end knows its peer without asking anyone. A random part keeps stacks of one machine apart.
/// </summary>
internal sealed class ClientNames
{
    private const int AddressDigits4 = 8;
    private const int AddressDigits6 = 32;
    private const int PortDigits = 4;

    private readonly byte[] _prefix = Encoding.ASCII.GetBytes($"wasmrun-{RandomNumberGenerator.GetHexString(16, lowercase: true)}-");

    public KernelAddress Encode(InetEndPoint client)
    {
        Span<byte> name = stackalloc byte[KernelAddress.MaxPathLength];
        _prefix.CopyTo(name);
        var length = _prefix.Length;
        var format = client.Address.Domain == SocketDomain.Inet4 ? "x8" : "x32";
        _ = client.Address.Bits.TryFormat(name[length..], out var written, format, CultureInfo.InvariantCulture);
        length += written;
        _ = client.Port.TryFormat(name[length..], out written, "x4", CultureInfo.InvariantCulture);
        return KernelAddress.FromAbstractName(name[..(length + written)]);
    }

    /// <summary>False for anyone who is no guest of this stack.</summary>
    public bool TryDecode(ReadOnlySpan<byte> name, out InetEndPoint client)
    {
        client = default;
        if (!name.StartsWith(_prefix))
        {
            return false;
        }

        var digits = name[_prefix.Length..];
        var addressDigits = digits.Length - PortDigits;
        if (addressDigits is not (AddressDigits4 or AddressDigits6)
            || !UInt128.TryParse(digits[..addressDigits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
            || !ushort.TryParse(digits[addressDigits..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        client = new(addressDigits == AddressDigits4 ? InetAddress.FromIPv4((uint)bits) : InetAddress.FromIPv6(bits), port);
        return true;
    }
}
