using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <content>How data goes from the kernel into guest memory and back.</content>
public sealed unsafe partial class VirtualSocket
{
    /// <summary>How long a receive waits in blocking mode, in nanoseconds; negative is for ever.</summary>
    internal long ReceiveTimeout { get; private set; } = -1;

    /// <summary>How long a send waits in blocking mode, in nanoseconds; negative is for ever.</summary>
    internal long SendTimeout { get; private set; } = -1;

    /// <summary>Receives what is there, or waits for something; a count of 0 is the end of the stream.</summary>
    /// <param name="truncated">Whether a datagram was longer than the buffers.</param>
    public Errno Receive(ReadOnlySpan<IoVector> buffers, ReceiveFlags flags, out nuint count, out bool truncated)
    {
        count = 0;
        truncated = false;
        if (SendsDatagrams)
        {
            return ReceiveDatagram(buffers, flags.HasFlag(ReceiveFlags.Peek), out count, out truncated, out _);
        }

        if (_descriptor == None)
        {
            return Unconnected(Errno.ENOTCONN);
        }

        _streak.Forget();
        var peek = (flags & ReceiveFlags.Peek) != ReceiveFlags.None;
        if (peek && !ReceivesNoMore && WaitToPeek(buffers) is not Errno.None and var ended)
        {
            return ended;
        }

        var wanted = NonBlocking || peek ? 1 : (flags & ReceiveFlags.WaitAll) != ReceiveFlags.None ? nuint.MaxValue : _lowWater;
        var scratch = stackalloc IoVector[1];
        var cursor = new VectorCursor(buffers);
        while (true)
        {
            var error = TryReceive(cursor.Next(new(scratch, 1)), peek ? Libc.MsgPeek : 0, out var received, out truncated);
            if (error == Errno.None)
            {
                count += received;
                if (received >= Pace.LeastBulk)
                {
                    _namespace.Stop.Pace.NoteBulk();
                }

                if (received == 0 || count >= wanted || !cursor.Advance(received))
                {
                    return Errno.None;
                }

                continue;
            }

            if (error == Errno.EAGAIN && ReceivesNoMore)
            {
                return Errno.None;
            }

            error = error == Errno.EAGAIN ? WaitToReceive(Math.Min(wanted, VectorCursor.Sum(buffers)) - count) : error;
            if (error != Errno.None)
            {
                // What has already been received must not get lost; the error will be met again.
                return count > 0 ? Errno.None : error;
            }
        }
    }

    /// <summary>Sends all of it in blocking mode, as much as there is room for in the other.</summary>
    public Errno Send(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        if (SendsDatagrams)
        {
            return SendDatagram(buffers, remote: null, out count);
        }

        if (_descriptor == None)
        {
            return Unconnected(Errno.EPIPE);
        }

        var scratch = stackalloc IoVector[1];
        var cursor = new VectorCursor(buffers);
        while (true)
        {
            var error = TrySend(cursor.Next(new(scratch, 1)), out var sent);
            if (error == Errno.None)
            {
                count += sent;
                if (NonBlocking || !cursor.Advance(sent))
                {
                    return Errno.None;
                }

                continue;
            }

            error = error == Errno.EAGAIN ? WaitFor(_descriptor, PollEvents.Write, SendTimeout) : error;
            if (error != Errno.None)
            {
                return count > 0 ? Errno.None : error;
            }
        }
    }

    /// <summary>Why there is no connection, which is told once, or that there is none.</summary>
    private Errno Unconnected(Errno otherwise) => TakeError() is not Errno.None and var error ? error : otherwise;

    /// <summary>Receives, and tells from whom.</summary>
    public Errno ReceiveFrom(ReadOnlySpan<IoVector> buffers, ReceiveFlags flags, out nuint count, out bool truncated, out InetEndPoint sender)
    {
        if (SendsDatagrams)
        {
            return ReceiveDatagram(buffers, flags.HasFlag(ReceiveFlags.Peek), out count, out truncated, out sender);
        }

        var error = Receive(buffers, flags, out count, out truncated);
        sender = default;
        _ = error == Errno.None ? GetPeer(out sender) : error;
        return error;
    }

    /// <summary>Sends to an address; a stream that has its peer sends there, as on Linux.</summary>
    public Errno SendTo(ReadOnlySpan<IoVector> buffers, InetEndPoint remote, out nuint count)
    {
        if (SendsDatagrams)
        {
            return SendDatagram(buffers, remote, out count);
        }

        if (_state == SocketState.Connected)
        {
            return Send(buffers, out count);
        }

        count = 0;
        return Errno.EPIPE;
    }

    /// <summary>Ends one or both directions of a connection.</summary>
    public Errno Shutdown(SocketDirections directions)
    {
        if (directions is SocketDirections.None or > SocketDirections.Both)
        {
            return Errno.EINVAL;
        }

        // Datagrams have no end that could be told to a peer: the socket itself takes note.
        if (SendsDatagrams)
        {
            _ended |= directions;
            return IsConnected ? Errno.None : Errno.ENOTCONN;
        }

        if (_listener is not null)
        {
            // As on Linux, it keeps its port and can listen again.
            if (directions.HasFlag(SocketDirections.Receive))
            {
                StopListening();
            }

            return Errno.None;
        }

        if (_descriptor == None)
        {
            return Errno.ENOTCONN;
        }

        if (directions == SocketDirections.Receive && Domain != SocketDomain.Local && !IsTcp)
        {
            // The sender of a TCP connection is not told that nobody will read; that of a Unix domain socket would get EPIPE.
            _ended |= directions;
            _namespace.Stop.NoteClosing();
            return Errno.None;
        }

        return KernelSocket.Shutdown(_descriptor, (int)directions - 1);
    }

    /// <summary>Waits until this many bytes can be received, or as many as the socket was told to wait for.</summary>
    private Errno WaitToReceive(nuint wanted)
    {
        if (NonBlocking || _lowWater == 1 || wanted >= _lowWater)
        {
            return WaitFor(_descriptor, PollEvents.Read, ReceiveTimeout);
        }

        // The kernel calls a connection readable at its low-water mark alone, also when less is left to be received.
        _ = KernelSocket.SetOption(_descriptor, Libc.SolSocket, Libc.SoReceiveLowWater, (int)wanted);
        var error = WaitFor(_descriptor, PollEvents.Read, ReceiveTimeout);
        _ = KernelSocket.SetOption(_descriptor, Libc.SolSocket, Libc.SoReceiveLowWater, (int)_lowWater);
        return error;
    }

    /// <summary>Waits for all that a look has to see at once; what it has seen stays, so a second one could not go on from there.</summary>
    private Errno WaitToPeek(ReadOnlySpan<IoVector> buffers)
    {
        var error = NonBlocking || _lowWater == 1 ? Errno.None : WaitToReceive(Math.Min(_lowWater, VectorCursor.Sum(buffers)));
        return error == Errno.EAGAIN && Available > 0 ? Errno.None : error;
    }

    private Errno TryReceive(ReadOnlySpan<IoVector> buffers, int flags, out nuint count, out bool truncated)
    {
        nint received;
        do
        {
            fixed (IoVector* vectors = buffers)
            {
                var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)buffers.Length };
                received = Libc.ReceiveMessage(_descriptor, &message, flags);
                truncated = (message.Flags & Libc.MsgTruncated) != 0;
            }
        }
        while (received < 0 && Libc.LastError == Errno.EINTR);

        count = received < 0 ? 0 : (nuint)received;
        return received < 0 ? Libc.LastError : Errno.None;
    }

    private Errno TrySend(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        nint sent;
        do
        {
            fixed (IoVector* vectors = buffers)
            {
                var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)buffers.Length };
                sent = Libc.SendMessage(_descriptor, &message, Libc.MsgNoSignal);
            }
        }
        while (sent < 0 && Libc.LastError == Errno.EINTR);

        count = sent < 0 ? 0 : (nuint)sent;
        return sent < 0 ? Libc.LastError : Errno.None;
    }
}
