using System.Runtime.InteropServices;

namespace Wasmrun.Network.Kernel;

/// <summary>
/// What one instance has of the descriptors of this process, which all instances and the runner share. No few of them can use them up: some are the runner's
/// alone, and when guests have half of the others, only those get more who have little. From any thread.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/getrlimit.2.html"/>
public sealed unsafe partial class DescriptorHolding : IDisposable
{
    /// <summary>A socket may be backed by as many: what it waits on, what it is told by, and one for each family of the outside.</summary>
    internal const int OfSocket = 4;

    /// <summary>A connection is backed by one.</summary>
    internal const int OfConnection = 1;

    /// <summary>How many are the runner's alone, where the process may have more than a few: its files, its forwards, its clients.</summary>
    private const int Kept = 256;

    /// <summary>RLIMIT_NOFILE, which is a number of each system's own.</summary>
    private static readonly int s_resource = OperatingSystem.IsLinux() ? 7 : 8;

    private static readonly int s_limit = ReadLimit();

    /// <summary>How many all guests may have.</summary>
    private static readonly int s_most = Math.Max(s_limit - Kept, s_limit / 4);

    /// <summary>How many an instance may have when guests have half of theirs.</summary>
    private static readonly int s_little = Math.Clamp(s_most / 16, 16, 128);

    private static int s_taken;

    private int _held;

    /// <summary>Whether the instance may open something more.</summary>
    public bool HasRoom
    {
        get
        {
            var taken = Volatile.Read(ref s_taken);
            return taken < s_most / 2 || (_held < s_little && taken < s_most);
        }
    }

    /// <summary>How many the instance has.</summary>
    internal int Held => Volatile.Read(ref _held);

    /// <summary>Why nothing more can be started, and what helps.</summary>
    internal static string Complaint =>
        $"the guests have nearly all of the {s_limit} descriptors that the process may have; raise its limit (ulimit -n), or lower 'descriptors' of those that take them";

    /// <summary>Takes note of what was opened.</summary>
    public void Take(int count)
    {
        Interlocked.Add(ref _held, count);
        Interlocked.Add(ref s_taken, count);
    }

    /// <summary>Takes note of what was closed.</summary>
    public void Give(int count) => Take(-count);

    /// <summary>Nothing is open any more.</summary>
    public void Dispose() => Interlocked.Add(ref s_taken, -Interlocked.Exchange(ref _held, 0));

    private static int ReadLimit()
    {
        var limits = stackalloc nuint[2];
        return !OperatingSystem.IsWindows() && GetLimit(s_resource, limits) == 0 ? (int)Math.Min(limits[0], int.MaxValue) : int.MaxValue;
    }

    /// <summary>Gives the soft limit, and behind it the hard one.</summary>
    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, nuint* limits);
}
