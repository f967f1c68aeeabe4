using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// Gives back to the system what many instances have left, once they are gone. By themselves neither the garbage collector nor the C library would for as long as
/// nothing else asks them for memory.
/// </summary>
internal sealed partial class MemoryReturn(TimeProvider time) : IDisposable
{
    /// <summary>So many ends make it worth a collection, which holds up the host's side of the others for some milliseconds.</summary>
    private const int Many = 256;

    /// <summary>And so many bytes, as the files of one temporary file system can have.</summary>
    private const long Much = 64 * 1024 * 1024;

    /// <summary>Others may be about to end.</summary>
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private int _ended;
    private long _left;
    private bool _disposed;

    /// <summary>Takes note of an end.</summary>
    /// <param name="running">How many instances are left.</param>
    /// <param name="bytes">What the files of the one that has ended took in memory.</param>
    public void NoteEnd(int running, long bytes)
    {
        lock (_gate)
        {
            _ended++;
            _left += bytes;
            if (_disposed || !((_ended >= Many && running <= _ended) || _left >= Much))
            {
                return;
            }

            _timer ??= time.CreateTimer(static own => ((MemoryReturn)own!).Collect(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(s_quiet, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Collect()
    {
        lock (_gate)
        {
            (_ended, _left) = (0, 0);
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = OperatingSystem.IsLinux() ? Trim(0) : 0;
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than GNU's has no such call.
        }
    }

    /// <summary>Gives back what the C library keeps for later.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man3/malloc_trim.3.html"/>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
