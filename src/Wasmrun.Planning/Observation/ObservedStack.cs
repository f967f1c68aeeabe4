using System.Net;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Changes;

namespace Wasmrun.Planning.Observation;

/// <summary>What there is at the moment of planning, as far as a decision depends on it.</summary>
/// <param name="Services">Every service the runner knows, also those that the manifest no longer declares.</param>
/// <param name="Volumes">Named volumes that exist.</param>
/// <param name="ModuleHashes">The content hash of what each wished service would run now, by service.</param>
/// <param name="RememberedPorts">Ports that were chosen in earlier runs of the same project.</param>
public sealed record ObservedStack(
    IReadOnlyList<ObservedService> Services,
    IReadOnlyList<string> Volumes,
    IReadOnlyDictionary<string, string> ModuleHashes,
    IReadOnlyList<RememberedPort> RememberedPorts)
{
    public static ObservedStack Empty { get; } = new([], [], new Dictionary<string, string>(StringComparer.Ordinal), []);
}

/// <summary>One service that the runner knows.</summary>
/// <param name="Spec">The specification it was given last.</param>
/// <param name="Fingerprint">Of what its instance was started from; null before the first start.</param>
/// <param name="Forwards">The host ports that it holds.</param>
/// <param name="Served">The requests that it has already answered.</param>
public sealed record ObservedService(
    ServiceSpec Spec, ServicePhase Phase, Fingerprint? Fingerprint, IReadOnlyList<ObservedForward> Forwards, Tickets Served)
{
    public string Name => Spec.Name;

    /// <summary>Of what an instance was last tried to be swapped for and did not come up; null when there was no such failure since.</summary>
    public Fingerprint? Refused { get; init; }

    /// <summary>Where each of its replicas is, by number.</summary>
    public IReadOnlyList<ServicePhase> Replicas { get; init; } = [Phase];

    /// <summary>Whether there is something to stop.</summary>
    public bool IsActive => Phase is ServicePhase.Waiting or ServicePhase.Starting or ServicePhase.Running or ServicePhase.Restarting or ServicePhase.Stopping;
}

/// <summary>A host port that is bound for a service.</summary>
/// <param name="Automatic">The runner chose the port.</param>
public sealed record ObservedForward(
    IReadOnlyList<IPAddress> Addresses, int HostPort, int GuestPort, TransportProtocol Protocol, bool Automatic);

/// <summary>A host port that the runner once chose for a forward, and prefers from then on.</summary>
public sealed record RememberedPort(string Service, int GuestPort, TransportProtocol Protocol, int HostPort);
