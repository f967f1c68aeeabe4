namespace Wasmrun.Network.Sockets;

/// <summary>What a guest's socket carries: a stream of bytes (TCP) or datagrams (UDP).</summary>
public enum SocketKind
{
    Stream = 0,
    Datagram = 1,
}
