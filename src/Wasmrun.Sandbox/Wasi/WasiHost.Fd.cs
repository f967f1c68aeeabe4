using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi;

internal sealed unsafe partial class WasiHost
{
    private static bool DefineDescriptor(ImportDefiner definer) => definer.Name switch
    {
        "fd_close" => definer.Add(static (host, a) => host._descriptors.Close(a[0])),
        "fd_pread" => definer.Add(static (host, a) => host.ReadAt(a[0], a[1], a[2], a.Long(3), a[4])),
        "fd_pwrite" => definer.Add(static (host, a) => host.WriteAt(a[0], a[1], a[2], a.Long(3), a[4])),
        "fd_read" => definer.Add(&EnterRead),
        "fd_readdir" => definer.Add(static (host, a) => host.ReadDirectory(a[0], a[1], a[2], a.Long(3), a[4])),
        "fd_renumber" => definer.Add(static (host, a) => host._descriptors.Renumber(a[0], a[1])),
        "fd_seek" => definer.Add(static (host, a) => host.Seek(a[0], a.Long(1), a[2], a[3])),
        "fd_tell" => definer.Add(static (host, a) => host.Tell(a[0], a[1])),
        "fd_write" => definer.Add(&EnterWrite),
        _ => false,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private WasiErrno Read(uint fd, uint vectors, uint count, uint result)
    {
        if (_descriptors.Get(fd, Rights.Read, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        if (descriptor.Stream is not { } stream || count != 1)
        {
            return ReadScattered(descriptor, memory, vectors, count, length);
        }

        var piece = memory.Vector(vectors);
        if (piece.Length == 0)
        {
            // Unlike a receive, a read of nothing never waits.
            return Answer(length, Errno.None, 0);
        }

        var outcome = stream.ReceivePiece(piece, out var received);
        _likelyStream.Note(fd, stream);
        return Answer(length, outcome, received);
    }

    private static WasiErrno ReadScattered(Descriptor descriptor, GuestMemory memory, uint vectors, uint count, uint* length)
    {
        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var outcome = descriptor.Read(memory.Vectors(vectors, count, space), out var read);
        return Answer(length, outcome, read);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private WasiErrno Write(uint fd, uint vectors, uint count, uint result)
    {
        if (_descriptors.Get(fd, Rights.Write, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        return descriptor.Stream is { } stream && count == 1
            ? Answer(length, stream.SendPiece(memory.Vector(vectors), out var sent), sent)
            : WriteScattered(descriptor, memory, vectors, count, length);
    }

    private static WasiErrno WriteScattered(Descriptor descriptor, GuestMemory memory, uint vectors, uint count, uint* length)
    {
        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var outcome = descriptor.Write(memory.Vectors(vectors, count, space), out var written);
        return Answer(length, outcome, written);
    }

    private WasiErrno ReadAt(uint fd, uint vectors, uint count, ulong offset, uint result)
    {
        if (_descriptors.Get(fd, Rights.Read, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var outcome = descriptor.ReadAt(memory.Vectors(vectors, count, space), offset, out var read);
        return Answer(length, outcome, read);
    }

    private WasiErrno WriteAt(uint fd, uint vectors, uint count, ulong offset, uint result)
    {
        if (_descriptors.Get(fd, Rights.Write, out var descriptor) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var length = memory.Place<uint>(result);
        Span<IoVector> space = stackalloc IoVector[GuestMemory.VectorsTaken(count)];
        var outcome = descriptor.WriteAt(memory.Vectors(vectors, count, space), offset, out var written);
        return Answer(length, outcome, written);
    }

    private WasiErrno Seek(uint fd, ulong offset, uint whence, uint result)
    {
        if (whence > (uint)Whence.End)
        {
            return WasiErrno.EINVAL;
        }

        // Asking where one is needs no more than the right to ask.
        var asks = offset == 0 && whence == (uint)Whence.Current;
        var error = _descriptors.Get(fd, Rights.Seek, out var descriptor);
        if (error == WasiErrno.ENOTCAPABLE && asks)
        {
            error = _descriptors.Get(fd, Rights.Tell, out descriptor);
        }

        if (error != WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        memory.Check<ulong>(result);
        var outcome = descriptor.Seek((long)offset, (Whence)whence, out var position);
        if (outcome == Errno.None)
        {
            memory.Write(result, position);
        }

        return outcome.ToWasi();
    }

    private WasiErrno Tell(uint fd, uint result) => Seek(fd, 0, (uint)Whence.Current, result);

    private WasiErrno ReadDirectory(uint fd, uint buffer, uint length, ulong cookie, uint result)
    {
        if (_descriptors.GetDirectory(fd, Rights.ReadDirectory, out var directory) is var error and not WasiErrno.None)
        {
            return error;
        }

        var memory = Memory;
        var place = memory.Place<uint>(result);
        var sink = new DirectoryEntrySink(memory.Bytes(buffer, length));
        var outcome = directory.ReadEntries(cookie, ref sink);
        return Answer(place, outcome, (nuint)sink.Used);
    }

    /// <summary>Writes how many bytes were moved, if they were.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WasiErrno Answer(uint* length, Errno outcome, nuint count)
    {
        if (outcome != Errno.None)
        {
            return outcome.ToWasi();
        }

        *length = (uint)count;
        return WasiErrno.None;
    }
}
