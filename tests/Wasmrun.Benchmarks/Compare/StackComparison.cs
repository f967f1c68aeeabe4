using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>How long a hundred services take until all of them are healthy, from the command to its end: with nothing compiled, and with all.</summary>
internal static class StackComparison
{
    private const int Services = 100;

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table($"`wasmrun up --wait` of {Services} services, until all are healthy, ms", "", "cold cache", "warm cache");
        await AddAsync(table, "one module", workplace, settings, modules: 1);
        await AddAsync(table, $"{Services} modules", workplace, settings, modules: Services);
        return table;
    }

    private static async Task AddAsync(Table table, string name, Workplace workplace, Settings settings, int modules)
    {
        var (cold, warm) = (new Samples(), new Samples());
        for (var round = 0; round < settings.Rounds; round++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, string.Create(CultureInfo.InvariantCulture, $"stack-{modules}-{round}"))).FullName;
            await WriteAsync(folder, Path.Combine(workplace.Root, "tests", "guests", "http.wasm"), modules);
            cold.Add(await UpAsync(workplace, folder));
            warm.Add(await UpAsync(workplace, folder));
        }

        table.Add(name, Number(cold.Median), Number(warm.Median));
    }

    /// <summary>The same program each time, with a section that tells the modules apart and that no engine looks at.</summary>
    private static async Task WriteAsync(string folder, string guest, int modules)
    {
        var program = await File.ReadAllBytesAsync(guest);
        var manifest = new StringBuilder("services:\n");
        for (var i = 0; i < Services; i++)
        {
            var module = string.Create(CultureInfo.InvariantCulture, $"{i % modules}.wasm");
            await File.WriteAllBytesAsync(Path.Combine(folder, module), [.. program, 0, 3, 2, (byte)'n', (byte)(i % modules)]);
            manifest.Append(CultureInfo.InvariantCulture, $"  s{i}: {{ module: ./{module}, forwards: [\"8080\"] }}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "wasmrun-compose.yaml"), manifest.ToString());
    }

    private static async Task<double> UpAsync(Workplace workplace, string folder)
    {
        var clock = Stopwatch.StartNew();
        await RunAsync(workplace, folder, "up", "--wait");
        var taken = clock.Elapsed.TotalMilliseconds;
        await RunAsync(workplace, folder, "down", "-t", "1");
        return taken;
    }

    private static async Task RunAsync(Workplace workplace, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(workplace.Wasmrun, ["--progress", "quiet", .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardError = true,
        };
        start.Environment["WASMRUN_CACHE_DIR"] = Path.Combine(folder, "cache");
        start.Environment["WASMRUN_STATE_DIR"] = Path.Combine(folder, "state");
        start.Environment["WASMRUN_RUNTIME_DIR"] = Path.Combine(folder, "run");
        using var process = Process.Start(start)!;
        var complaints = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"wasmrun {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{complaints}");
        }
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
