using Wasmrun.Network.Addresses;

namespace Wasmrun.Network.Kernel;

/// <summary>Datagrams of bare IPv4 and IPv6 sockets, with the address at the other end, and without waiting.</summary>
internal static unsafe class KernelDatagram
{
    // Enough to empty any receive buffer, and an end to it while more keeps coming.
    private const int MostDrained = 4096;

    public static Errno Receive(int fd, ReadOnlySpan<IoVector> buffers, bool peek, out InetEndPoint from, out nuint count, out bool truncated)
    {
        var address = new KernelAddress { Length = KernelAddress.Capacity };
        nint received;
        int flags;
        fixed (IoVector* vectors = buffers)
        {
            fixed (byte* name = &address.Start())
            {
                do
                {
                    var message = new Libc.MessageHeader
                    {
                        Name = name,
                        NameLength = KernelAddress.Capacity,
                        Vectors = vectors,
                        VectorCount = (nuint)buffers.Length,
                    };
                    received = Libc.ReceiveMessage(fd, &message, peek ? Libc.MsgPeek : 0);
                    flags = message.Flags;
                    address.Length = message.NameLength;
                }
                while (received < 0 && Libc.LastError == Errno.EINTR);
            }
        }

        from = address.EndPoint;
        count = received < 0 ? 0 : (nuint)received;
        truncated = (flags & Libc.MsgTruncated) != 0;
        return received < 0 ? Libc.LastError : Errno.None;
    }

    public static Errno Send(int fd, ReadOnlySpan<IoVector> buffers, InetEndPoint to, out nuint count)
    {
        var address = KernelAddress.From(to);
        nint sent;
        fixed (IoVector* vectors = buffers)
        {
            fixed (byte* name = &address.Start())
            {
                var message = new Libc.MessageHeader
                {
                    Name = name,
                    NameLength = address.Length,
                    Vectors = vectors,
                    VectorCount = (nuint)buffers.Length,
                };
                do
                {
                    sent = Libc.SendMessage(fd, &message, Libc.MsgNoSignal);
                }
                while (sent < 0 && Libc.LastError == Errno.EINTR);
            }
        }

        count = sent < 0 ? 0 : (nuint)sent;
        return sent < 0 ? Libc.LastError : Errno.None;
    }

    /// <summary>Throws away what waits to be received.</summary>
    public static void Drain(int fd)
    {
        byte nothing;
        for (var i = 0; i < MostDrained && SystemCall.Receive(fd, &nothing, 0) != -(int)Errno.EAGAIN; i++)
        {
            // Each turn takes one datagram, or one error that an earlier one has left.
        }
    }
}
