using System.Globalization;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>Work on files: the same C source natively in a folder of the host, and as a guest on the same folder as a volume.</summary>
internal static class FileComparison
{
    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var rates = new Dictionary<string, (Samples Native, Samples Wasmrun)>(StringComparer.Ordinal);
        var seconds = settings.Seconds.ToString(CultureInfo.InvariantCulture);
        for (var round = 0; round < settings.Rounds; round++)
        {
            var folder = Folder(workplace);
            Add(rates, await Workplace.RunAsync(Path.Combine(workplace.NativeFolder, "files"), [folder, seconds]), work => work.Native);
            folder = Folder(workplace);
            var module = Path.Combine(workplace.Root, "tests", "guests", "files.wasm");
            Add(rates, await Workplace.RunAsync(workplace.Wasmrun, ["os", module, "-v", $"{folder}:/data", "--", "/data", seconds]), work => work.Wasmrun);
        }

        var table = new Table("Files, times per second: chunks of 4 KiB, files of 4 KiB, a folder of 500", "", "native", "wasmrun", "ratio");
        foreach (var (work, (native, wasmrun)) in rates)
        {
            table.Add(
                work,
                native.Median.ToString("N0", CultureInfo.InvariantCulture),
                wasmrun.Median.ToString("N0", CultureInfo.InvariantCulture),
                (wasmrun.Median / native.Median).ToString("F2", CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static string Folder(Workplace workplace)
    {
        var folder = Path.Combine(workplace.NativeFolder, "files.data");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return Directory.CreateDirectory(folder).FullName;
    }

    private static void Add(
        Dictionary<string, (Samples Native, Samples Wasmrun)> rates, string output, Func<(Samples Native, Samples Wasmrun), Samples> which)
    {
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (work, rate) = line.Split(": ") is [var name, var number] ? (name, number) : throw new FormatException(line);
            if (!rates.TryGetValue(work, out var samples))
            {
                rates[work] = samples = (new(), new());
            }

            which(samples).Add(double.Parse(rate, CultureInfo.InvariantCulture));
        }
    }
}
