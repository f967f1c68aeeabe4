namespace Wasmrun.Manifest.Specs;

/// <summary>The transport of a forward or of an egress rule.</summary>
public enum TransportProtocol
{
    Tcp,
    Udp,
}
