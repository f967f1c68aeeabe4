namespace Wasmrun.Network.Kernel;

/// <summary>
/// The wish that an instance ends by itself, as SIGTERM tells it to a process: a descriptor that the guest reads or waits on. A guest that
/// never listens is not told, and costs no descriptor.
/// </summary>
public sealed unsafe class TerminationSignal : IDisposable
{
    private const int NotListening = -1;

    private readonly Lock _gate = new();
    private int _descriptor = NotListening;
    private volatile bool _isPending;
    private bool _isDisposed;

    internal TerminationSignal()
    {
    }

    /// <summary>Whether the guest would hear of it.</summary>
    public bool IsListening => Volatile.Read(ref _descriptor) >= 0;

    /// <summary>Whether the guest was told and has not taken it yet.</summary>
    public bool IsPending => _isPending;

    /// <summary>Begins to listen, if that is not so already.</summary>
    /// <param name="descriptor">Readable from the request on until it is taken. It belongs to the signal.</param>
    public Errno Listen(out int descriptor)
    {
        lock (_gate)
        {
            if (_descriptor < 0 && !_isDisposed)
            {
                Volatile.Write(ref _descriptor, Libc.EventFd(0, Libc.EfdNonBlock | Libc.EfdCloseOnExec));
            }

            descriptor = _descriptor;
            return descriptor >= 0 ? Errno.None : _isDisposed ? Errno.EBADF : Libc.LastError;
        }
    }

    /// <summary>Tells the guest, from any thread and any number of times.</summary>
    /// <returns>False when it does not listen.</returns>
    public bool Request()
    {
        lock (_gate)
        {
            if (_descriptor < 0)
            {
                return false;
            }

            _isPending = true;
            ulong one = 1;
            _ = Libc.Write(_descriptor, &one, sizeof(ulong));
            return true;
        }
    }

    /// <summary>Whether it was requested since the last time that this was asked.</summary>
    public bool TryTake()
    {
        // A request that is just being made is taken whole or not at all: it stays pending until it can be read.
        lock (_gate)
        {
            _isPending = false;
            ulong requests;
            return _descriptor >= 0 && Libc.Read(_descriptor, &requests, sizeof(ulong)) == sizeof(ulong);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (_descriptor >= 0)
            {
                _ = Libc.Close(_descriptor);
                Volatile.Write(ref _descriptor, NotListening);
            }
        }
    }
}
