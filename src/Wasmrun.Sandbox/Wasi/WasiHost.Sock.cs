using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Sandbox.Wasi;

internal sealed unsafe partial class WasiHost
{
    private const uint PeekFlag = 1;
    private const uint WaitAllFlag = 2;
    private const ushort TruncatedFlag = 1;
    private const uint ShutdownReceive = 1;
    private const uint ShutdownSend = 2;

    private static bool DefineSocket(ImportDefiner definer) => definer.Name switch
    {
        // Preview 1 has flags here and the socket extension has not; which of them a module means shows in its import's type.
        "sock_accept" when definer.ParameterCount == 2 => definer.Add(static (host, a) => host.Accept(a[0], 0, a[1])),
        "sock_accept" => definer.Add(static (host, a) => host.Accept(a[0], a[1], a[2])),
        "sock_recv" => definer.Add(&EnterReceive),
        "sock_send" => definer.Add(&EnterSend),
        "sock_shutdown" => definer.Add(static (host, a) => host.Shutdown(a[0], a[1])),
        _ => DefineSocketExtension(definer),
    };

    private WasiErrno Accept(uint fd, uint flags, uint result)
    {
        if ((flags & ~(uint)FdFlags.All) != 0)
        {
            return WasiErrno.EINVAL;
        }

        if (_descriptors.Get(fd, Rights.Accept, out var listener) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        memory.Check<uint>(result);
        if (!_descriptors.HasRoom)
        {
            return WasiErrno.EMFILE;
        }

        if (listener.Accept((FdFlags)flags, out var accepted) is var outcome and not Errno.None)
        {
            return outcome.ToWasi();
        }

        error = _descriptors.Add(accepted!, out var number);
        memory.Write(result, number);
        return error;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private WasiErrno Receive(uint fd, uint vectors, uint count, uint flags, uint result, uint resultFlags)
    {
        if ((flags & ~(PeekFlag | WaitAllFlag)) != 0)
        {
            return WasiErrno.EINVAL;
        }

        if (_descriptors.Get(fd, Rights.Read, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        var toldFlags = memory.Place<ushort>(resultFlags);
        if (socket.Stream is not { } stream || count != 1 || flags != 0)
        {
            return ReceiveScattered(socket, memory, vectors, count, flags, length, toldFlags);
        }

        var outcome = stream.ReceivePiece(memory.Vector(vectors), out var received);
        if (outcome == Errno.None)
        {
            *toldFlags = 0;
        }

        _likelyStream.Note(fd, stream);
        return Answer(length, outcome, received);
    }

    private static WasiErrno ReceiveScattered(Descriptor socket, GuestMemory memory, uint vectors, uint count, uint flags, uint* length, ushort* toldFlags)
    {
        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var buffers = memory.Vectors(vectors, count, space);
        var outcome = socket.Receive(buffers, (flags & PeekFlag) != 0, (flags & WaitAllFlag) != 0, out var read, out var truncated);
        if (outcome == Errno.None)
        {
            *toldFlags = truncated ? TruncatedFlag : (ushort)0;
        }

        return Answer(length, outcome, read);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private WasiErrno Send(uint fd, uint vectors, uint count, uint flags, uint result)
    {
        // Preview 1 knows no flag for sending.
        if (flags != 0)
        {
            return WasiErrno.EINVAL;
        }

        if (_descriptors.Get(fd, Rights.Write, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        return socket.Stream is { } stream && count == 1
            ? Answer(length, stream.SendPiece(memory.Vector(vectors), out var sent), sent)
            : SendScattered(socket, memory, vectors, count, length);
    }

    private static WasiErrno SendScattered(Descriptor socket, GuestMemory memory, uint vectors, uint count, uint* length)
    {
        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var outcome = socket.Send(memory.Vectors(vectors, count, space), out var sent);
        return Answer(length, outcome, sent);
    }

    private WasiErrno Shutdown(uint fd, uint how)
    {
        if (_descriptors.Get(fd, Rights.Shutdown, out var socket) is var error and not WasiErrno.None)
        {
            return error;
        }

        return how is 0 or > (ShutdownReceive | ShutdownSend)
            ? WasiErrno.EINVAL
            : socket.Shutdown((how & ShutdownReceive) != 0, (how & ShutdownSend) != 0).ToWasi();
    }
}
