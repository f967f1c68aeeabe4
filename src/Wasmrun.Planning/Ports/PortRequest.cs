using System.Net;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Planning.Ports;

/// <summary>One forward whose host port is to be bound.</summary>
/// <param name="HostPort">The port that the manifest asks for, or null when the runner chooses.</param>
/// <param name="Candidates">For a chosen port: what to try, in this order; the remembered port first.</param>
/// <param name="Location">Where the manifest asks for it.</param>
/// <param name="TakenFrom">The service of the stack that holds the port now and gives it up; null when nobody in the stack does.</param>
public sealed record PortRequest(
    string Service,
    IReadOnlyList<IPAddress> Addresses,
    int? HostPort,
    IReadOnlyList<int> Candidates,
    int GuestPort,
    TransportProtocol Protocol,
    SourceLocation Location,
    string? TakenFrom);
