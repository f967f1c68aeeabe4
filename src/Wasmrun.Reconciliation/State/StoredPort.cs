using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Reconciliation.State;

/// <summary>A remembered port as the file has it.</summary>
internal sealed record StoredPort(string Service, int GuestPort, string Protocol, int HostPort)
{
    public static StoredPort Of(RememberedPort port) => new(port.Service, port.GuestPort, port.Protocol == TransportProtocol.Udp ? "udp" : "tcp", port.HostPort);

    public RememberedPort ToPort() => new(
        Service, GuestPort, string.Equals(Protocol, "udp", StringComparison.Ordinal) ? TransportProtocol.Udp : TransportProtocol.Tcp, HostPort);
}
