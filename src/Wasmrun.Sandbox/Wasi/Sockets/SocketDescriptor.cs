using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>
/// A guest's descriptor of a socket of its network. Descriptors made by <c>dup</c> share the socket with everything that
/// belongs to it, as the open file of POSIX.
/// </summary>
internal class SocketDescriptor(SocketKind kind, GuestSockets sockets)
    : Descriptor(TypeOf(kind), Rights.Socket, Rights.None, Rights.None, FdFlags.None)
{
    /// <summary>No file system has this device number, so that no file is taken for a socket.</summary>
    private const ulong Device = ulong.MaxValue - 1;

    private VirtualSocket? _socket;

    /// <summary>How reads receive.</summary>
    protected virtual ReceiveFlags ReadFlags => ReceiveFlags.None;

    public VirtualSocket Socket => _socket!;

    /// <summary>Whether this is a stream, and reads and writes are nothing but that.</summary>
    public bool IsPlainStream => Type == FileType.StreamSocket && GetType() == typeof(SocketDescriptor);

    public override FdFlags Flags
    {
        get => base.Flags | (Socket.NonBlocking ? FdFlags.NonBlock : FdFlags.None);
        protected set
        {
            Socket.NonBlocking = (value & FdFlags.NonBlock) != FdFlags.None;
            base.Flags = value & ~FdFlags.NonBlock;
        }
    }

    /// <summary>Begins a life as a descriptor of this socket, of which it takes over one hold.</summary>
    public void Open(VirtualSocket socket, Rights rights, FdFlags flags)
    {
        _socket = socket;
        Stream = IsPlainStream ? socket : null;
        Restrict(rights & Possible, rights & Possible);
        Flags = flags;
    }

    /// <summary>As on Linux a read of nothing succeeds at once, whatever state the socket is in; a receive of nothing waits for something.</summary>
    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        return IoVector.Total(buffers) == 0 ? Errno.None : Socket.Receive(buffers, ReadFlags, out count, out _);
    }

    public override Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count) => Socket.Send(buffers, out count);

    public override Errno GetStatus(out FileStatus status)
    {
        status = new() { Device = Device, Inode = Socket.Inode, Type = Type, Links = 1 };
        return Errno.None;
    }

    public override Errno Accept(FdFlags flags, out Descriptor? accepted)
    {
        var error = Socket.Accept(out var connection);
        accepted = error == Errno.None ? sockets.Open(connection!, Inheriting, flags) : null;
        return error;
    }

    public override Errno Receive(ReadOnlySpan<IoVector> buffers, bool peek, bool waitAll, out nuint count, out bool truncated)
    {
        var flags = (peek ? ReceiveFlags.Peek : ReceiveFlags.None) | (waitAll ? ReceiveFlags.WaitAll : ReceiveFlags.None);
        return Socket.Receive(buffers, flags, out count, out truncated);
    }

    public override Errno Send(ReadOnlySpan<IoVector> buffers, out nuint count) => Socket.Send(buffers, out count);

    public override Errno Shutdown(bool receive, bool send) =>
        Socket.Shutdown((receive ? SocketDirections.Receive : SocketDirections.None) | (send ? SocketDirections.Send : SocketDirections.None));

    public override bool IsPolledByKernel => Stream is not null;

    public override void AddTo(PollSet set, PollEvents events) => Socket.AddTo(set, events);

    public override Readiness Ready(PollSet set, int first, PollEvents events) => Ready(set.Ready(first), events);

    /// <summary>What it means that the kernel has found this of a socket that was asked for these events.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Readiness Ready(PollEvents found, PollEvents events) => found switch
    {
        PollEvents.None => default,
        _ when (found & PollEvents.Invalid) != PollEvents.None => new(PollEvents.None, 0, Errno.EBADF),

        // What is broken or hung up does not block, whatever one wants to do with it.
        _ => new(events | (found & PollEvents.HangUp), 1),
    };

    public override ulong CountReadable(Readiness readiness) => (ulong?)Socket.Available ?? readiness.Bytes;

    protected override void Close()
    {
        Socket.Dispose();
        _socket = Stream = null;
        sockets.Reuse(this);
    }

    private static FileType TypeOf(SocketKind kind) => kind == SocketKind.Stream ? FileType.StreamSocket : FileType.DatagramSocket;
}
