using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Sockets;

/// <summary>A connection on its way from its source to the guest that accepts it.</summary>
/// <param name="Descriptor">The kernel socket, owned by whoever has this value last.</param>
/// <param name="Peer">Who connected: a real address when by a forward, a virtual one otherwise.</param>
/// <param name="Local">The address that was connected to, as the client named it.</param>
internal readonly record struct AcceptedConnection(int Descriptor, ConnectionOrigin Origin, InetEndPoint Peer, InetAddress Local);
