namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>The socket options of the socket extension, under its own numbers.</summary>
internal enum ExtensionOptionName : uint
{
    ReuseAddress = 0,
    Type = 1,
    Error = 2,
    DontRoute = 3,
    Broadcast = 4,
    SendBuffer = 5,
    ReceiveBuffer = 6,
    KeepAlive = 7,
    OutOfBandInline = 8,
    Linger = 9,
    ReceiveLowWater = 10,
    ReceiveTimeout = 11,
    SendTimeout = 12,
    AcceptsConnections = 13,
    BindToDevice = 14,
}
