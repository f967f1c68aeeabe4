using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>One service asks another one of its stack; natively, the same two programs over TCP on the loopback address.</summary>
internal static partial class ServiceComparison
{
    private static readonly int[] s_connections = [1, 32];

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table(
            "Service to service, keep-alive requests per second", "", "native", "wasmrun", "ratio", "round trip native, µs", "round trip wasmrun, µs");
        foreach (var connections in s_connections)
        {
            var (native, wasmrun) = (new Samples(), new Samples());
            for (var round = 0; round < settings.Rounds; round++)
            {
                native.Add(await NativeAsync(workplace, settings.Seconds, connections));
                wasmrun.Add(await WasmrunAsync(workplace, settings.Seconds, connections));
            }

            table.Add(
                $"{connections.ToString(CultureInfo.InvariantCulture)} conn.",
                native.Median.ToString("N0", CultureInfo.InvariantCulture),
                wasmrun.Median.ToString("N0", CultureInfo.InvariantCulture),
                (wasmrun.Median / native.Median).ToString("F2", CultureInfo.InvariantCulture),
                RoundTrip(connections, native.Median),
                RoundTrip(connections, wasmrun.Median));
        }

        return table;
    }

    private static string RoundTrip(int connections, double rate) => (connections * 1e6 / rate).ToString("F1", CultureInfo.InvariantCulture);

    private static async Task<double> NativeAsync(Workplace workplace, int seconds, int connections)
    {
        await using var server = await Server.NativeAsync(workplace, "http");
        return Read(await Workplace.RunAsync(
            Path.Combine(workplace.NativeFolder, "load"),
            ["127.0.0.1", .. new[] { server.Port, seconds, connections }.Select(number => number.ToString(CultureInfo.InvariantCulture))]));
    }

    private static async Task<double> WasmrunAsync(Workplace workplace, int seconds, int connections)
    {
        var folder = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, "pair")).FullName;
        var guests = Path.Combine(workplace.Root, "tests", "guests");
        await File.WriteAllTextAsync(Path.Combine(folder, "wasmrun-compose.yaml"), string.Create(CultureInfo.InvariantCulture, $$"""
            services:
              server: { module: {{guests}}/http.wasm }
              load:
                module: {{guests}}/load.wasm
                command: [server, "8080", "{{seconds}}", "{{connections}}"]
                depends_on: [server]
                restart: no

            """));
        var start = new ProcessStartInfo(workplace.Wasmrun, ["--progress", "quiet", "up", "--no-log-prefix", "--no-color"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        using var process = Process.Start(start)!;
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync()) is not null && !Rate().IsMatch(line))
        {
            // What the server says is of no interest.
        }

        await Workplace.RunAsync(workplace.Wasmrun, ["--progress", "quiet", "--project-directory", folder, "-f", Path.Combine(folder, "wasmrun-compose.yaml"), "down"]);
        await process.WaitForExitAsync();
        return Read(line ?? throw new InvalidOperationException("the stack ended before it was measured"));
    }

    private static double Read(string output) => double.Parse(Rate().Match(output).Groups["rate"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("(?<rate>[0-9.]+) requests per second", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rate();
}
