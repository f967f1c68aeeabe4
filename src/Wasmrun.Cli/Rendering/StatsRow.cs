using System.Globalization;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Rendering;

/// <summary>One line of <c>stats --format json</c>; the names are those of compose where it has the thing.</summary>
internal sealed record StatsRow(string Name, string Service, string CPUPerc, string MemUsage, string MemPerc, int Connections)
{
    private const double Unbounded = 4.0 * 1024 * 1024 * 1024;

    /// <summary>From two looks at the same instance; what it used in between, in per cent of one core.</summary>
    internal static StatsRow Of(InstanceStats before, InstanceStats now)
    {
        var wall = now.TakenAt - before.TakenAt;
        var used = before.Generation == now.Generation ? now.Processor - before.Processor : now.Processor;
        var processor = wall > TimeSpan.Zero ? Math.Max(0, used / wall) : 0;
        return new(
            now.Name,
            now.Service,
            Percent(processor),
            $"{Size(now.MemoryBytes)} / {Size(now.MemoryLimit ?? (long)Unbounded)}",
            Percent(now.MemoryBytes / (now.MemoryLimit ?? Unbounded)),
            now.Connections);
    }

    internal static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.##}GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.##}MiB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 10):0.##}KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes}B"),
    };

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.00}%");
}
