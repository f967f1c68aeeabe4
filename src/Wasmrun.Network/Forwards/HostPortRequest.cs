using System.Net;

namespace Wasmrun.Network.Forwards;

/// <summary>A host port that a service wants before anything starts.</summary>
/// <param name="Owner">The service, named when two of them want the same port.</param>
/// <param name="Addresses">The host's addresses to listen on; all of them get the same port.</param>
/// <param name="HostPort">1 to 65535, or 0 to have one chosen.</param>
/// <param name="Alternatives">Tried in order when the port is to be chosen; after them any free port will do.</param>
/// <param name="GuestPort">The port inside the service's namespace, 1 to 65535.</param>
public sealed record HostPortRequest(
    string Owner,
    IReadOnlyList<IPAddress> Addresses,
    int HostPort,
    IReadOnlyList<int> Alternatives,
    int GuestPort,
    ForwardProtocol Protocol);
