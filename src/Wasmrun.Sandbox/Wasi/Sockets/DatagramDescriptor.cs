using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>
/// A descriptor of a socket through which each read gives one datagram and each write sends one, behind a header that says
/// from whom it is or where it goes: <c>recvfrom</c> and <c>sendto</c> for languages that can only read and write.
/// </summary>
internal sealed class DatagramDescriptor(SocketKind kind, GuestSockets sockets, bool peek) : SocketDescriptor(kind, sockets)
{
    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        Span<IoVector> payload = stackalloc IoVector[buffers.Length];
        if (!DatagramHeader.TrySplit(buffers, payload))
        {
            return Errno.EINVAL;
        }

        var error = Socket.ReceiveFrom(payload, peek ? ReceiveFlags.Peek : ReceiveFlags.None, out count, out var truncated, out var sender);
        if (error == Errno.None)
        {
            Span<byte> header = stackalloc byte[DatagramHeader.Size];
            DatagramHeader.Write(header, sender, truncated);
            DatagramHeader.Scatter(header, buffers);
            count += DatagramHeader.Size;
        }

        return error;
    }

    public override Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        Span<IoVector> payload = stackalloc IoVector[buffers.Length];
        if (!DatagramHeader.TrySplit(buffers, payload))
        {
            return Errno.EINVAL;
        }

        Span<byte> header = stackalloc byte[DatagramHeader.Size];
        DatagramHeader.Gather(buffers, header);
        if (!DatagramHeader.TryRead(header, out var remote))
        {
            return Errno.EINVAL;
        }

        remote = Socket.Domain == SocketDomain.Inet6 ? remote with { Address = remote.Address.Mapped() } : remote;
        var error = Socket.SendTo(payload, remote, out count);
        if (error == Errno.None)
        {
            count += DatagramHeader.Size;
        }

        return error;
    }
}
