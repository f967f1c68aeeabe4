namespace Wasmrun.Network.Kernel;

/// <summary>Holds a guest on its own thread until it may go on, or is told to stop.</summary>
public sealed unsafe class StartSignal : IDisposable
{
    private readonly Lock _gate = new();
    private int _descriptor;

    /// <summary>Takes one kernel descriptor.</summary>
    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public StartSignal()
    {
        _descriptor = Libc.EventFd(0, Libc.EfdNonBlock | Libc.EfdCloseOnExec);
        if (_descriptor < 0)
        {
            throw new IOException($"cannot create a descriptor to wait on: {Libc.LastError}");
        }
    }

    /// <summary>Lets the guest go on. From any thread, any number of times, also after disposal.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (_descriptor >= 0)
            {
                ulong one = 1;
                _ = Libc.Write(_descriptor, &one, sizeof(ulong));
            }
        }
    }

    /// <summary>Blocks the guest's thread until the release.</summary>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    /// <exception cref="IOException">The system does not let it wait.</exception>
    public void Wait(StopSignal stop)
    {
        ArgumentNullException.ThrowIfNull(stop);
        if (stop.Wait(_descriptor, PollEvents.Read, -1) is not Errno.None and var error)
        {
            throw new IOException($"cannot wait for a start: {error}");
        }
    }

    /// <summary>Only when no guest waits any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_descriptor >= 0)
            {
                _ = Libc.Close(_descriptor);
                _descriptor = -1;
            }
        }
    }
}
