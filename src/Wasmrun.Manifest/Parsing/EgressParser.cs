using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Parsing;

/// <summary>
/// Reads one destination that a service may reach: <c>host[:port]</c>, <c>*.example.com[:port]</c>, <c>*</c> for everything public, an address or a CIDR
/// block with an optional port; IPv6 in brackets when a port follows.
/// </summary>
internal static class EgressParser
{
    private const string Everything = "*";

    private const string HostAlias = "host.wasmrun.internal";

    private const string AddressNotation = "an IPv4 address is four numbers from 0 to 255, such as 10.0.0.5";

    private const string Notation = "write host[:port], *.example.com[:port], * or a CIDR block such as 10.0.0.0/8[:port]";

    public static EgressSpec? Parse(string text, SourceLocation location, DiagnosticBag diagnostics)
    {
        var (host, portText) = Split(text);
        if (Complaint(text, host, portText) is { } complaint)
        {
            diagnostics.Report(ManifestDiagnostics.BadEgress, location, $"cannot read the egress entry '{text}'; {complaint}");
            return null;
        }

        if (IsGuestItself(host))
        {
            diagnostics.Report(
                ManifestDiagnostics.EgressToItself,
                location,
                $"the egress entry '{text}' has no effect: in a guest '{host}' is the guest itself; for the host's own loopback write '{HostAlias}{WithPort(portText)}'");
        }

        if (portText is null)
        {
            return new EgressSpec(host, null, location);
        }

        if (!portText.All(char.IsAsciiDigit) || portText.Length == 0)
        {
            diagnostics.Report(
                ManifestDiagnostics.BadEgress, location, $"'{portText}' in the egress entry '{text}' is not a port; {Notation}");
            return null;
        }

        if (int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is >= PortRange.Lowest and <= PortRange.Highest)
        {
            return new EgressSpec(host, port, location);
        }

        diagnostics.Report(
            ManifestDiagnostics.PortOutOfRange,
            location,
            $"the port '{portText}' of the egress entry '{text}' is out of range; ports go from {PortRange.Lowest} to {PortRange.Highest}");
        return null;
    }

    private static (string Host, string? Port) Split(string text)
    {
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0)
            {
                return (text, null);
            }

            if (close == text.Length - 1)
            {
                return (text[1..close], null);
            }

            // Both [block]/length and [block/length] are seen in the wild.
            var colon = text.IndexOf(':', close);
            var end = colon < 0 ? text.Length : colon;
            return (text[1..close] + text[(close + 1)..end], colon < 0 ? null : text[(colon + 1)..]);
        }

        var last = text.LastIndexOf(':');
        return last < 0 || text.IndexOf(':', StringComparison.Ordinal) != last ? (text, null) : (text[..last], text[(last + 1)..]);
    }

    private static string? Complaint(string text, string host, string? port)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return "leave the scheme and the path out: " + Notation;
        }

        if (host.StartsWith('['))
        {
            return "the bracket is not closed: an IPv6 address with a port is written [address]:port";
        }

        if (host == Everything)
        {
            return null;
        }

        if (host.Contains('/', StringComparison.Ordinal))
        {
            return BlockComplaint(host, port);
        }

        if (host.Contains(':', StringComparison.Ordinal))
        {
            return IPAddress.TryParse(host, out _) ? null : "an IPv6 address with a port is written [address]:port";
        }

        var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return !IsName(name) ? Notation : EndsInNumber(name) && !IsAddress(host) ? AddressNotation : null;
    }

    private static string WithPort(string? port) => port is null ? "" : $":{port}";

    /// <summary>Whether this cannot be a name, because programs take whatever ends so for an address, each in its own way.</summary>
    /// <seealso href="https://url.spec.whatwg.org/#ends-in-a-number-checker"/>
    private static bool EndsInNumber(string name)
    {
        var last = name.Split('.')[^1];
        return last.All(char.IsAsciiDigit) || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && last.Skip(2).All(char.IsAsciiHexDigit));
    }

    private static bool IsAddress(string host) => IPAddress.TryParse(host, out var address) && string.Equals(address.ToString(), host, StringComparison.Ordinal);

    private static bool IsGuestItself(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address)
            && (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    private static string? BlockComplaint(string block, string? port)
    {
        var slash = block.LastIndexOf('/');
        if (!IPAddress.TryParse(block[..slash], out var address)
            || !int.TryParse(block[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128))
        {
            return "a CIDR block is an address, '/' and the number of leading bits";
        }

        var network = NetworkOf(address, length);
        var written = string.Create(CultureInfo.InvariantCulture, $"{network}/{length}");
        return network.Equals(address) ? null
            : $"the block begins at {network}: write '{(port is not null && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{network}]/{length}" : written)}{WithPort(port)}'";
    }

    private static IPAddress NetworkOf(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && name.Split('.').All(label =>
            label.Length is > 0 and <= 63
            && label.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
            && label[0] != '-' && label[^1] != '-');
}
