using System.Net;
using System.Net.Sockets;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Parsing;

/// <summary>
/// Checks the parts of one forward. The short and the long form both end here, so that they cannot
/// differ in what they allow.
/// </summary>
internal sealed class ForwardBuilder(string text, SourceLocation location, DiagnosticBag diagnostics)
{
    public const string Notation = "write [ADDRESS:][HOST:]GUEST[/tcp|/udp], such as 8080:3000";
    private const int LongestRange = 1024;

    private static readonly IReadOnlyList<IPAddress> _loopback = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <summary>The checked forward; null, with diagnostics, when a part is wrong.</summary>
    /// <param name="address">Null or empty stands for the loopback addresses.</param>
    /// <param name="host">Null, empty, <c>0</c> or <c>auto</c> lets the runner choose.</param>
    public ForwardRange? Build(string? address, string? host, string guest, string protocol)
    {
        var addresses = Addresses(address);
        var transport = Protocol(protocol);
        if (transport == TransportProtocol.Tcp && addresses?.FirstOrDefault(IsMulticast) is not null)
        {
            diagnostics.Report(
                ManifestDiagnostics.MulticastHostAddress,
                location,
                $"'{address}' in the forward '{text}' is a multicast address, to which nobody can connect; write an address of this machine such as 0.0.0.0 or [::], or leave it out");
            addresses = null;
        }

        var guests = Range(guest, "guest");
        var isAutomatic = host is null or "" or "0" or "auto";
        var hosts = isAutomatic ? null : Range(host!, "host");
        if (addresses is null || transport is null || guests is not { } guestRange || (!isAutomatic && hosts is null))
        {
            return null;
        }

        if (hosts is { } hostRange && hostRange.Length != guestRange.Length)
        {
            diagnostics.Report(
                ManifestDiagnostics.RangesDiffer,
                location,
                $"the forward '{text}' maps {Count(hostRange)} to {Count(guestRange)}; make both ranges equally long");
            return null;
        }

        return new ForwardRange(addresses, hosts?.First, guestRange, transport.Value, location);
    }

    public ForwardRange? Malformed(string remedy)
    {
        diagnostics.Report(ManifestDiagnostics.BadForward, location, $"cannot read the forward '{text}'; {remedy}");
        return null;
    }

    private IReadOnlyList<IPAddress>? Addresses(string? written)
    {
        if (string.IsNullOrEmpty(written))
        {
            return _loopback;
        }

        // The framework also takes 127.1 and 0x7f.1 for addresses, which nobody means.
        if (IPAddress.TryParse(written, out var address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == written))
        {
            return [address];
        }

        var remedy = string.Equals(written, "localhost", StringComparison.OrdinalIgnoreCase)
            ? "leave it out, the loopback addresses are the default"
            : "write an IP address such as 0.0.0.0 or [::], or leave it out";
        diagnostics.Report(
            ManifestDiagnostics.BadHostAddress, location, $"'{written}' in the forward '{text}' is not an IP address; {remedy}");
        return null;
    }

    private TransportProtocol? Protocol(string written)
    {
        switch (written)
        {
            case "tcp":
                return TransportProtocol.Tcp;
            case "udp":
                return TransportProtocol.Udp;
            default:
                var hint = diagnostics.DidYouMean(written, ["tcp", "udp"]);
                diagnostics.Report(
                    ManifestDiagnostics.UnknownProtocol,
                    location,
                    $"the protocol '{written}' of the forward '{text}' is neither tcp nor udp{hint}");
                return null;
        }
    }

    private PortRange? Range(string written, string side)
    {
        if (!PortRange.TryParse(written, out var range))
        {
            Malformed($"'{written}' is not a {side} port; {Notation}");
            return null;
        }

        foreach (var port in new[] { range.First, range.Last })
        {
            if (port is < PortRange.Lowest or > PortRange.Highest)
            {
                diagnostics.Report(
                    ManifestDiagnostics.PortOutOfRange,
                    location,
                    $"the {side} port '{written}' of the forward '{text}' is out of range; "
                    + $"ports go from {PortRange.Lowest} to {PortRange.Highest}");
                return null;
            }
        }

        if (range.Length is >= 1 and <= LongestRange)
        {
            return range;
        }

        var remedy = range.Length < 1 ? $"write '{range.Last}-{range.First}'" : $"a range may hold up to {LongestRange} ports";
        diagnostics.Report(
            ManifestDiagnostics.BadPortRange,
            location,
            $"the {side} ports '{written}' of the forward '{text}' are no usable range; {remedy}");
        return null;
    }

    private static bool IsMulticast(IPAddress address) =>
        address.IsIPv6Multicast || (address.MapToIPv6().IsIPv4MappedToIPv6 && address.MapToIPv4().GetAddressBytes()[0] is >= 224 and < 240);

    private static string Count(PortRange range) => range.Length == 1 ? "1 port" : $"{range.Length} ports";
}
