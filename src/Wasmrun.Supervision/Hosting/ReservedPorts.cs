using System.Net;
using Wasmrun.Planning.Ports;

namespace Wasmrun.Supervision.Hosting;

/// <summary>What a reservation ended with: every forward, in the order of the requests, or every conflict and no forward.</summary>
public sealed record ReservedPorts(IReadOnlyList<HeldForward> Forwards, IReadOnlyList<RefusedPort> Refused)
{
    public bool Succeeded => Refused.Count == 0;
}

/// <summary>A host port that could not be had.</summary>
/// <param name="Address">The first of the request's addresses that failed.</param>
/// <param name="Reason">What the system said: <c>address already in use</c>.</param>
/// <param name="HolderPid">The process that has the port, where that can be seen.</param>
/// <param name="HolderService">The service that has the port, when it is one of the same stack.</param>
/// <param name="FreeAlternative">A port that was free on all the request's addresses a moment ago.</param>
public sealed record RefusedPort(
    PortRequest Request, IPAddress Address, int Port, string Reason, int? HolderPid, string? HolderProgram, string? HolderService, int? FreeAlternative)
{
    /// <summary>Whether it is the address that cannot be had, with whatever port.</summary>
    public bool IsAddressMissing { get; init; }
}
