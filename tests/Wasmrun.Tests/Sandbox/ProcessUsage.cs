using System.Globalization;

namespace Wasmrun.Tests.Sandbox;

/// <summary>What this process holds of the machine at a moment, garbage not counted.</summary>
internal readonly record struct ProcessUsage(int Threads, int Descriptors, int Mappings, long ResidentBytes)
{
    /// <summary>Gives the threads of the pool up to a minute to retire, and the kernel to take them away, until no more than so many are left.</summary>
    public static async Task<ProcessUsage> SettledAsync(int threads, CancellationToken token)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var round = 0; round < 3000 && Directory.GetDirectories("/proc/self/task").Length > threads; round++)
        {
            await timer.WaitForNextTickAsync(token);
        }

        return Now();
    }

    public static ProcessUsage Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var resident = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return new(
            Directory.GetDirectories("/proc/self/task").Length,
            Directory.GetFileSystemEntries("/proc/self/fd").Length,
            File.ReadLines("/proc/self/maps").Count(),
            long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024);
    }
}
