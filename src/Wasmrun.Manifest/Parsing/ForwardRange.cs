using System.Globalization;
using System.Net;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Manifest.Parsing;

/// <summary>One written forward, checked but not yet expanded, so that it can be compared and paid for before it grows.</summary>
/// <param name="FirstHostPort">Null when the runner is to choose.</param>
internal sealed record ForwardRange(
    IReadOnlyList<IPAddress> Addresses, int? FirstHostPort, PortRange Guests, TransportProtocol Protocol, SourceLocation Location)
{
    /// <summary>Equal for two notations of the same forward.</summary>
    public string Key =>
        string.Create(
            CultureInfo.InvariantCulture, $"{string.Join(',', Addresses)}|{FirstHostPort}|{Guests.First}-{Guests.Last}|{Protocol}");

    public IReadOnlyList<ForwardSpec> Expand() =>
    [
        .. Enumerable.Range(0, Guests.Length).Select(offset =>
            new ForwardSpec(Addresses, FirstHostPort + offset, Guests.First + offset, Protocol, Location)),
    ];
}
