using System.Net;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>
/// One forward, ranges already expanded: guest port <paramref name="GuestPort"/> is reachable on <paramref name="HostPort"/>
/// of each of <paramref name="Addresses"/>.
/// </summary>
/// <param name="Addresses">Host addresses; 127.0.0.1 and ::1 when none was written.</param>
/// <param name="HostPort">1 to 65535, or null when the runner is to choose.</param>
/// <param name="GuestPort">1 to 65535.</param>
public sealed record ForwardSpec(
    IReadOnlyList<IPAddress> Addresses, int? HostPort, int GuestPort, TransportProtocol Protocol, SourceLocation Location);
