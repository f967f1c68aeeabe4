using Wasmrun.Manifest.Specs;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>The manifest's and the network's words for the same transports.</summary>
internal static class Transport
{
    public static TransportProtocol From(ForwardProtocol protocol) => protocol switch
    {
        ForwardProtocol.Tcp => TransportProtocol.Tcp,
        ForwardProtocol.Udp => TransportProtocol.Udp,
        _ => throw new NotSupportedException($"no transport is called {protocol}"),
    };

    public static ForwardProtocol To(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => ForwardProtocol.Tcp,
        TransportProtocol.Udp => ForwardProtocol.Udp,
        _ => throw new NotSupportedException($"no forward is for {protocol}"),
    };
}
