namespace Wasmrun.Network.Kernel;

/// <summary>A descriptor that is readable while a count is above zero: readiness for what lives in this process's own memory.</summary>
internal sealed unsafe class EventCounter : IDisposable
{
    private const int EfdSemaphore = 1;

    private int _descriptor;

    private EventCounter(int descriptor) => _descriptor = descriptor;

    public int Descriptor => _descriptor;

    /// <summary>Takes one kernel descriptor.</summary>
    public static Errno TryOpen(out EventCounter? counter)
    {
        var descriptor = Libc.EventFd(0, EfdSemaphore | Libc.EfdNonBlock | Libc.EfdCloseOnExec);
        counter = descriptor < 0 ? null : new(descriptor);
        return descriptor < 0 ? Libc.LastError : Errno.None;
    }

    public void Increment()
    {
        ulong one = 1;
        _ = Libc.Write(_descriptor, &one, sizeof(ulong));
    }

    public void Decrement()
    {
        ulong taken;
        _ = Libc.Read(_descriptor, &taken, sizeof(ulong));
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Libc.Close(_descriptor);
            _descriptor = -1;
        }
    }
}
