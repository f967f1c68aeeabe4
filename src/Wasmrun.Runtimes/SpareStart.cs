using Wasmrun.Network.Kernel;

namespace Wasmrun.Runtimes;

/// <summary>
/// Where a spare instance waits: with everything done that a start takes, but before it looks at anything of its project. Its driver waits
/// here, and whoever needs an instance takes it, once.
/// </summary>
public sealed class SpareStart : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StartSignal _signal = new();
    private Func<bool>? _holds;

    /// <summary>Whether it has come to where it waits, and nobody has tried to take it.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_gate)
            {
                return _holds is not null;
            }
        }
    }

    /// <summary>
    /// Makes the spare instance the caller's, if it waits and everything that it begins with is as it was. The guest goes on after
    /// <see cref="Release"/>.
    /// </summary>
    /// <returns>False for one that cannot be used now; one that waits will not be usable later either.</returns>
    public bool TryTake()
    {
        lock (_gate)
        {
            // The guest's own thread is held meanwhile, so that its files may be looked at from this one.
            var isTaken = _holds is { } holds && holds();
            _holds = null;
            return isTaken;
        }
    }

    /// <summary>Lets the guest go on.</summary>
    public void Release() => _signal.Release();

    /// <summary>Only when the guest has ended.</summary>
    public void Dispose() => _signal.Dispose();

    /// <summary>Holds the guest, on its own thread.</summary>
    /// <param name="holds">Whether an instance made now would begin as this one has.</param>
    /// <exception cref="GuestStoppedException">The instance was told to stop.</exception>
    internal void Wait(StopSignal stop, Func<bool> holds)
    {
        lock (_gate)
        {
            _holds = holds;
        }

        try
        {
            _signal.Wait(stop);
        }
        finally
        {
            // Nobody may look at the files of a guest that is about to end.
            lock (_gate)
            {
                _holds = null;
            }
        }
    }
}
