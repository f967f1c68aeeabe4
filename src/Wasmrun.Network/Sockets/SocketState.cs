namespace Wasmrun.Network.Sockets;

/// <summary>How far a socket has come in its life.</summary>
internal enum SocketState
{
    /// <summary>Without a kernel socket yet: what it will be is only known when it connects or listens.</summary>
    Idle = 0,

    /// <summary>Given to the guest as ready to accept; it takes its port when the guest first uses it.</summary>
    Inherited = 1,

    Listening = 2,

    Connecting = 3,

    Connected = 4,

    Closed = 5,
}
