using System.Diagnostics;
using System.Globalization;
using Wasmrun.Network;
using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>What an instance costs: the time until it listens, the memory while it is idle, and the time of the command line itself.</summary>
internal static class StartComparison
{
    private const int Starts = 1000;
    private const int Instances = 1000;

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table("Start and memory", "", "native", "wasmrun", "ratio");
        var native = await NativeStartAsync(workplace);
        var (started, memory) = await InstancesAsync(workplace);
        table.Add("start until it listens, µs", Number(native), Number(started), (started / native).ToString("F2", CultureInfo.InvariantCulture));
        table.Add($"memory per idle instance of {Instances}, MB", "", memory.ToString("F3", CultureInfo.InvariantCulture), "");
        table.Add("`wasmrun --version`, ms", "", Number(await VersionAsync(workplace, settings.Rounds * 4)), "");
        return table;
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static async Task<double> NativeStartAsync(Workplace workplace)
    {
        var spawn = Path.Combine(workplace.NativeFolder, "spawn");
        await Workplace.RunAsync("cc", ["-O2", "-o", spawn, Path.Combine(workplace.Root, "tests", "Wasmrun.Benchmarks", "Compare", "spawn.c")]);
        var output = await Workplace.RunAsync(
            spawn,
            [Starts.ToString(CultureInfo.InvariantCulture), Path.Combine(workplace.NativeFolder, "http"), Server.FreePort().ToString(CultureInfo.InvariantCulture)]);
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    private static async Task<(double StartMicroseconds, double Megabytes)> InstancesAsync(Workplace workplace)
    {
        var runtime = Path.Combine(workplace.NativeFolder, "run");
        Directory.CreateDirectory(runtime);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var observer = new ListeningObserver();
        using var engine = new SandboxEngine(new SandboxEngineOptions { CacheDirectory = null });
        using var stack = new StackNetwork(new StackNetworkOptions { Name = "compare", RuntimeDirectory = runtime }, observer, TimeProvider.System);
        var module = await engine.LoadAsync(Path.Combine(workplace.Root, "tests", "guests", "http.wasm"), CancellationToken.None);

        var times = new Samples();
        for (var i = 0; i < 2 * Starts; i++)
        {
            // The first half is not counted: as everywhere here, what is measured has run before.
            await using var run = await StartAsync($"start{i}");
            if (i >= Starts)
            {
                times.Add(run.StartMicroseconds);
            }
        }

        var before = Machine.PrivateBytes();
        var idle = new List<IdleGuest>();
        for (var i = 0; i < Instances; i++)
        {
            idle.Add(await StartAsync($"idle{i}"));
        }

        var memory = (Machine.PrivateBytes() - before) / (double)Instances / 1e6;
        foreach (var guest in idle)
        {
            await guest.DisposeAsync();
        }

        return (times.Median, memory);

        Task<IdleGuest> StartAsync(string name) => IdleGuest.StartAsync(
            engine,
            stack,
            observer,
            name,
            (guest, network) => new InstanceOptions { Name = guest, Arguments = [guest, "8080"], Network = network, Output = new Silence() },
            module);
    }

    private static async Task<double> VersionAsync(Workplace workplace, int rounds)
    {
        var times = new Samples();
        for (var i = 0; i < rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            await Workplace.RunAsync(workplace.Wasmrun, ["--version"]);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return times.Median;
    }
}
