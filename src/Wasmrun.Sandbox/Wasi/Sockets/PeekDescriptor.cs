using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>A descriptor of a socket whose reads leave what they read to be read again.</summary>
internal sealed class PeekDescriptor(SocketKind kind, GuestSockets sockets) : SocketDescriptor(kind, sockets)
{
    protected override ReceiveFlags ReadFlags => ReceiveFlags.Peek;
}
