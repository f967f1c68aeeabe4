using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <content>The way of most data: one buffer of a stream, moved by one call of the kernel. What does not succeed at once goes the long way.</content>
public sealed unsafe partial class VirtualSocket
{
    private ReceiveStreak _streak;

    /// <summary>
    /// Whether a poll may say without a look that the socket can be received from: the last receive was of a large piece, and the next, which does not block, is likely to find something.
    /// Who does not block has to expect to find nothing after a poll; who blocks would wait for it.
    /// </summary>
    public bool IsLikelyReadable => _streak.GoesOn && NonBlocking && _lowWater == 1;

    /// <summary>Receives into one buffer as <see cref="Receive"/> does. For streams only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Errno ReceivePiece(IoVector buffer, out nuint count)
    {
        if (_lowWater > 1)
        {
            return Receive(new(in buffer), ReceiveFlags.None, out count, out _);
        }

        var received = SystemCall.Receive(_descriptor, (void*)buffer.Base, buffer.Length);
        count = (nuint)received;
        if (received >= Pace.LeastBulk || _streak.GoesOn)
        {
            _streak.Note(received);
            _namespace.Stop.Pace.NoteBulk();
        }

        return received >= 0 ? Errno.None : ReceiveLater((Errno)(-received), buffer, out count);
    }

    /// <summary>Sends one buffer as <see cref="Send"/> does. For streams only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Errno SendPiece(IoVector buffer, out nuint count)
    {
        var sent = SystemCall.Send(_descriptor, (void*)buffer.Base, buffer.Length);
        count = (nuint)sent;
        return sent == (nint)buffer.Length ? Errno.None : SendRest(sent, buffer, out count);
    }

    private Errno ReceiveLater(Errno error, IoVector buffer, out nuint count)
    {
        count = 0;
        if (_descriptor == None)
        {
            return Unconnected(Errno.ENOTCONN);
        }

        if (error == Errno.EAGAIN && ReceivesNoMore)
        {
            return Errno.None;
        }

        error = error == Errno.EAGAIN ? WaitFor(_descriptor, PollEvents.Read, ReceiveTimeout) : error;
        return error is Errno.None or Errno.EINTR ? Receive(new(in buffer), ReceiveFlags.None, out count, out _) : error;
    }

    /// <summary>Goes on where a first call has sent less than all.</summary>
    /// <param name="sent">How many bytes went at once, or an <see cref="Errno"/>, negated.</param>
    private Errno SendRest(nint sent, IoVector buffer, out nuint count)
    {
        count = (nuint)Math.Max(0, sent);
        _namespace.Stop.Pace.NoteBulk();
        if (NonBlocking && sent is >= 0 or -(int)Errno.EAGAIN)
        {
            return sent >= 0 ? Errno.None : Errno.EAGAIN;
        }

        if (sent < 0 && _descriptor != None && (Errno)(-sent) is not (Errno.EAGAIN or Errno.EINTR))
        {
            // The kernel tells it once.
            return (Errno)(-sent);
        }

        // What has been sent must be told; an error that comes after it will be met again.
        var rest = new IoVector(buffer.Base + (nint)count, buffer.Length - count);
        var error = Send(new(in rest), out var more);
        count += more;
        return count > 0 ? Errno.None : error;
    }
}
