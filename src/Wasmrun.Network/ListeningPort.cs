using System.Net;
using Wasmrun.Network.Forwards;

namespace Wasmrun.Network;

/// <summary>A port that a guest listens on inside its namespace (for UDP: is bound to).</summary>
/// <param name="Address">As the guest bound it: any, its loopback, or its own address.</param>
public sealed record ListeningPort(int Port, ForwardProtocol Protocol, IPAddress Address);
