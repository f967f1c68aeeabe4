namespace Wasmrun.Benchmarks.Compare;

/// <summary>
/// The figures of <c>docs/performance.md</c>: each piece of work is done by wasmrun and by its peers in turn, several
/// rounds in one run on one machine, and what is reported is the median and its ratio to the native program.
/// </summary>
internal static class Comparison
{
    private static readonly (string Name, Func<Workplace, Settings, Task<Table>> Measure)[] s_parts =
    [
        ("http", HttpComparison.MeasureAsync),
        ("stream", StreamComparison.MeasureAsync),
        ("service", ServiceComparison.MeasureAsync),
        ("files", FileComparison.MeasureAsync),
        ("restart", RestartComparison.MeasureAsync),
        ("supervise", SupervisionComparison.MeasureAsync),
        ("start", StartComparison.MeasureAsync),
        ("python", PythonComparison.MeasureAsync),
        ("node", NodeComparison.MeasureAsync),
        ("node-start", NodeStartComparison.MeasureAsync),
        ("stack", StackComparison.MeasureAsync),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var settings = Settings.Parse(arguments);
        var parts = s_parts.Where(part => settings.Parts.Count == 0 || settings.Parts.Contains(part.Name)).ToList();
        if (parts.Count == 0)
        {
            Console.Error.WriteLine($"usage: compare [--rounds N] [--seconds S] [--connections N,...] [{string.Join('|', s_parts.Select(part => part.Name))}]...");
            return 2;
        }

        using var workplace = await Workplace.PrepareAsync();
        Console.WriteLine(await Machine.DescribeAsync());
        foreach (var (_, measure) in parts)
        {
            Console.WriteLine();
            Console.WriteLine(await measure(workplace, settings));
        }

        return 0;
    }
}
