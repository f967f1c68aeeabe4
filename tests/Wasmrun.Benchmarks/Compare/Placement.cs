using System.Globalization;
using System.Runtime.InteropServices;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>
/// On which processors a process may run. Whether a server and its client share one or have one each is otherwise up to the
/// scheduler, changes from second to second, and matters more than what is in between.
/// </summary>
internal enum Placement
{
    /// <summary>Wherever the scheduler puts it.</summary>
    Anywhere,

    /// <summary>On all processors but the last one; where there is only one, on that.</summary>
    Serving,

    /// <summary>On the last processor.</summary>
    Asking,
}

/// <summary>Starts programs where they belong, with <c>taskset</c>, and puts threads there.</summary>
internal static partial class PlacementExtensions
{
    private const int MaxProcessors = 64;

    /// <summary>Why processes cannot be placed here, or null.</summary>
    public static string? Missing =>
        Environment.ProcessorCount < 2 ? "there is one processor" : Environment.ProcessorCount > MaxProcessors ? $"there are more than {MaxProcessors}" : !Workplace.Has("taskset") ? "'taskset' is not installed (util-linux)" : null;

    /// <summary>The command that runs a program in this place.</summary>
    public static (string Program, IEnumerable<string> Arguments) Place(this Placement placement, string program, IEnumerable<string> arguments)
    {
        if (placement == Placement.Anywhere || Missing is not null)
        {
            return (program, arguments);
        }

        var last = Environment.ProcessorCount - 1;
        var processors = placement == Placement.Asking
            ? last.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"0-{last - 1}");
        return ("taskset", ["-c", processors, program, .. arguments]);
    }

    /// <summary>Does something on a thread of its own in this place.</summary>
    public static T Run<T>(this Placement placement, Func<T> work)
    {
        T result = default!;
        var thread = new Thread(() =>
        {
            if (placement != Placement.Anywhere && Missing is null)
            {
                var last = 1ul << (Environment.ProcessorCount - 1);
                var mask = placement == Placement.Asking ? last : last - 1;
                _ = SetAffinity(0, sizeof(ulong), in mask);
            }

            result = work();
        });
        thread.Start();
        thread.Join();
        return result;
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, in ulong mask);
}
