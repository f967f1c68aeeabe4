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
}
