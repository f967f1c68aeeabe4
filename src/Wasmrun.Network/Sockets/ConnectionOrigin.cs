namespace Wasmrun.Network.Sockets;

/// <summary>Which way a connection was made; it decides whose addresses the guest is shown.</summary>
internal enum ConnectionOrigin
{
    /// <summary>A client of the host, by a forward.</summary>
    Forward = 0,

    /// <summary>Another service of the stack.</summary>
    Service = 1,

    /// <summary>The guest itself, over its own loopback or address.</summary>
    Loopback = 2,

    /// <summary>The runner, to find out whether the guest is well.</summary>
    Runner = 3,

    /// <summary>The guest's own connection to somewhere outside the stack.</summary>
    Outside = 4,
}
