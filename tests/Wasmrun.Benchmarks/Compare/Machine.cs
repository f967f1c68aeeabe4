using System.Globalization;
using System.Runtime.InteropServices;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>What the figures were measured on, as far as it matters to them.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync()
    {
        var lines = await File.ReadAllLinesAsync("/proc/cpuinfo");
        var processor = lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{processor ?? "processor unknown"}, {Environment.ProcessorCount} cores, {memory:F0} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
    }

    /// <summary>What this process alone keeps in memory: anonymous pages and pages of files that it changed.</summary>
    public static long PrivateBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return File.ReadLines("/proc/self/smaps_rollup")
            .Where(line => line.StartsWith("Private_", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024);
    }
}
