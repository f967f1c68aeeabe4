using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// An open file, folder, stream, socket or device of a guest: everything that one can do, answered with the errno of a kind
/// that cannot do it. Whether the guest has the right was checked before; only the instance's own thread comes here.
/// </summary>
/// <param name="possible">What can be done through a descriptor of this kind at all.</param>
/// <param name="rights">What the guest wants to do; what is not possible is left out.</param>
internal abstract class Descriptor(FileType type, Rights possible, Rights rights, Rights inheriting, FdFlags flags) : IDisposable
{
    public FileType Type { get; } = type;

    /// <summary>What can be done through a descriptor of this kind at all; anything else answers the errno of a kind that cannot do it.</summary>
    public Rights Possible { get; } = possible;

    /// <summary>What the guest may do through this descriptor.</summary>
    public Rights Rights { get; private set; } = rights & possible;

    /// <summary>What may be done at most through descriptors opened by this one.</summary>
    public Rights Inheriting { get; private set; } = inheriting;

    public virtual FdFlags Flags { get; protected set; } = flags;

    /// <summary>The stream socket whose bytes are read and written here just as they come; null for every other kind.</summary>
    public VirtualSocket? Stream { get; protected set; }

    /// <summary>Under which guest path this folder was given to the guest at its start; null when the guest opened it.</summary>
    public byte[]? PreopenPath { get; set; }

    /// <summary>How many descriptors of the process it is backed by, sockets left out.</summary>
    public virtual int Backing => 0;

    public bool IsNonBlocking => (Flags & FdFlags.NonBlock) != FdFlags.None;

    /// <summary>Gives up rights. The caller has checked that none is gained.</summary>
    public void Restrict(Rights rights, Rights inheriting)
    {
        Rights = rights;
        Inheriting = inheriting;
    }

    /// <summary>Reads from the current position. Zero bytes are the end.</summary>
    public virtual Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        return Errno.EBADF;
    }

    public virtual Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        return Errno.EBADF;
    }

    public virtual Errno ReadAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count)
    {
        count = 0;
        return Errno.ESPIPE;
    }

    public virtual Errno WriteAt(ReadOnlySpan<IoVector> buffers, ulong offset, out nuint count)
    {
        count = 0;
        return Errno.ESPIPE;
    }

    public virtual Errno Seek(long offset, Whence whence, out ulong position)
    {
        position = 0;
        return Errno.ESPIPE;
    }

    public virtual Errno Advise(ulong offset, ulong length) => Errno.ESPIPE;

    public virtual Errno Allocate(ulong offset, ulong length) => Errno.EBADF;

    public virtual Errno Sync(bool dataOnly) => Errno.EINVAL;

    public virtual Errno SetSize(ulong size) => Errno.EINVAL;

    public virtual Errno SetTimes(in FileTimes times) => Errno.EINVAL;

    public virtual Errno SetFlags(FdFlags flags)
    {
        Flags = flags;
        return Errno.None;
    }

    public virtual Errno GetStatus(out FileStatus status)
    {
        status = new() { Type = Type };
        return Errno.None;
    }

    /// <summary>Takes the next connection; the new descriptor belongs to the caller.</summary>
    public virtual Errno Accept(FdFlags flags, out Descriptor? accepted)
    {
        accepted = null;
        return Errno.ENOTSOCK;
    }

    /// <summary>Reads from a socket.</summary>
    /// <param name="peek">Leaves what it reads to be read again.</param>
    /// <param name="waitAll">Waits until all buffers are full.</param>
    /// <param name="truncated">A message was longer than the buffers and its rest is lost.</param>
    public virtual Errno Receive(ReadOnlySpan<IoVector> buffers, bool peek, bool waitAll, out nuint count, out bool truncated)
    {
        count = 0;
        truncated = false;
        return Errno.ENOTSOCK;
    }

    public virtual Errno Send(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        return Errno.ENOTSOCK;
    }

    public virtual Errno Shutdown(bool receive, bool send) => Errno.ENOTSOCK;

    /// <summary>
    /// Adds what the kernel waits on for these events to the set, as many entries as this kind needs. The set's count before
    /// the call is the <c>first</c> that <see cref="Ready"/> is given. Adding nothing means: ready at once.
    /// </summary>
    public virtual void AddTo(PollSet set, PollEvents events)
    {
    }

    /// <summary>
    /// Whether all there is to this descriptor's readiness is what the kernel finds of its one entry in a poll set, read as
    /// <see cref="Sockets.SocketDescriptor.Ready(PollEvents, PollEvents)"/> does.
    /// </summary>
    public virtual bool IsPolledByKernel => false;

    /// <summary>What the set found for this descriptor, whose entries begin at <paramref name="first"/>.</summary>
    public virtual Readiness Ready(PollSet set, int first, PollEvents events) => new(events, 1);

    /// <summary>How many bytes a read would give at once, where finding out costs more than <see cref="Ready"/> should.</summary>
    public virtual ulong CountReadable(Readiness readiness) => readiness.Bytes;

    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the descriptor holds. Called once, when the guest closes it or ends.</summary>
    protected virtual void Close()
    {
    }
}
