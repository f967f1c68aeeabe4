namespace Wasmrun.Network.Sockets;

/// <summary>Which directions of a connection to end; the values are those of WASI.</summary>
[Flags]
public enum SocketDirections
{
    None = 0,
    Receive = 1,
    Send = 2,
    Both = Receive | Send,
}
