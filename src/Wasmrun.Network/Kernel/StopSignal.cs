using System.Runtime.CompilerServices;
namespace Wasmrun.Network.Kernel;

/// <summary>
/// The stop signal of one instance: a flag, and a wake descriptor that every blocking host call waits on beside its own.
/// Epoch interruption cannot reach a guest that is blocked in a host call; this can.
/// </summary>
public sealed unsafe class StopSignal : IDisposable
{
    private readonly Lock _gate = new();
    private int _wake;
    private volatile bool _requested;

    /// <summary>Takes one kernel descriptor.</summary>
    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public StopSignal()
    {
        _wake = Libc.EventFd(0, Libc.EfdNonBlock | Libc.EfdCloseOnExec);
        if (_wake < 0)
        {
            throw new IOException(Libc.LastError == Errno.EMFILE ? DescriptorHolding.Complaint : $"cannot create a wake descriptor: {Libc.LastError}");
        }
    }

    public bool IsRequested => _requested;

    /// <summary>What is asked of the guest before it is stopped.</summary>
    public TerminationSignal Termination { get; } = new();

    /// <summary>How the instance's waits should be made.</summary>
    public Pace Pace { get; } = new();

    internal int WakeDescriptor => _wake;

    /// <summary>
    /// How many times the instance's thread has closed descriptors. As long as that stays, a number that was polled before still stands for
    /// the same socket.
    /// </summary>
    public int Closings { get; private set; }

    /// <summary>To be called, on the instance's thread, whenever one was closed that it may have polled.</summary>
    internal void NoteClosing() => Closings++;

    /// <summary>Asks the instance to stop. From any thread, any number of times, also after disposal.</summary>
    public void Request()
    {
        lock (_gate)
        {
            _requested = true;
            if (_wake >= 0)
            {
                ulong one = 1;
                _ = Libc.Write(_wake, &one, sizeof(ulong));
            }
        }
    }

    /// <summary>Ends the host call if the instance was told to stop.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ThrowIfRequested()
    {
        if (_requested)
        {
            Throw();
        }

        static void Throw() => throw new GuestStoppedException();
    }

    /// <summary>Blocks the guest's thread until the descriptor is ready or the time is over.</summary>
    /// <param name="fd">A kernel descriptor, or -1 to wait for the time alone.</param>
    /// <param name="timeoutNanoseconds">Negative waits for ever.</param>
    /// <returns><see cref="Errno.None"/> when ready, <see cref="Errno.ETIMEDOUT"/> when the time is over.</returns>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    public Errno Wait(int fd, PollEvents events, long timeoutNanoseconds)
    {
        var deadline = Deadline.After(timeoutNanoseconds);
        var descriptors = stackalloc Libc.PollDescriptor[2];
        while (true)
        {
            ThrowIfRequested();
            descriptors[0] = new() { Fd = fd, Requested = events };
            descriptors[1] = new() { Fd = _wake, Requested = PollEvents.Read };
            var remaining = deadline.Remaining;
            var ready = Libc.PPoll(descriptors, 2, deadline.IsNever ? null : &remaining, 0);
            ThrowIfRequested();
            if (ready > 0)
            {
                return Errno.None;
            }

            if (ready == 0)
            {
                return Errno.ETIMEDOUT;
            }

            if (Libc.LastError != Errno.EINTR)
            {
                return Libc.LastError;
            }
        }
    }

    public void Dispose()
    {
        Termination.Dispose();
        lock (_gate)
        {
            if (_wake >= 0)
            {
                _ = Libc.Close(_wake);
                _wake = -1;
            }
        }
    }
}
