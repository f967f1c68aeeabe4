using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>A descriptor of a socket whose reads leave what they read to be read again.</summary>
internal sealed class PeekDescriptor(SocketKind kind, GuestSockets sockets) : SocketDescriptor(kind, sockets)
{
    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count) => Socket.Receive(buffers, ReceiveFlags.Peek, out count, out _);
}
