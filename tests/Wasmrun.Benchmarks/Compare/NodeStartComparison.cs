using System.Diagnostics;
using System.Globalization;
using Wasmrun.Network;
using Wasmrun.Runtimes;
using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>What starting a Node.js application costs: a fresh process until its first answer, a further instance, a reload, and memory.</summary>
internal static class NodeStartComparison
{
    private const int Further = 10;
    private const int WarmUps = 2;

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table("Node.js applications, start", "", "bare http node", "bare http wasmrun", "Express 5 node", "Express 5 wasmrun");
        if (NodeApps.Missing is { } reason)
        {
            Console.Error.WriteLine($"without Node.js, because {reason}");
            return table;
        }

        var folder = await NodeApps.InstallAsync(workplace);
        var columns = new List<(double? Start, double? Reload, double? Further, double? Memory)>();
        foreach (var (_, file) in NodeApps.All[..2])
        {
            columns.Add((await FreshAsync(() => Server.NodeAsync(folder, file), settings.Rounds), await ReloadAsync(port => Server.NodeAsync(folder, "reload.js", port, "--watch"), folder, file, settings.Rounds), null, null));
            var (further, memory) = await InstancesAsync(workplace, folder, file);
            columns.Add((
                await FreshAsync(() => Server.WasmrunProjectAsync(workplace, folder, file), settings.Rounds),
                await ReloadAsync(port => Server.WasmrunProjectAsync(workplace, folder, "reload.js", port, "--watch"), folder, file, settings.Rounds),
                further,
                memory));
        }

        table.Add(["fresh process until the first answer, ms", .. columns.Select(column => Text(column.Start, "F0"))]);
        table.Add(["further instance until it listens, ms", .. columns.Select(column => Text(column.Further, "F1"))]);
        table.Add(["reload until new code answers, ms", .. columns.Select(column => Text(column.Reload, "F0"))]);
        table.Add(["memory per further instance, MB", .. columns.Select(column => Text(column.Memory, "F2"))]);
        return table;
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? string.Empty;

    private static async Task<double> FreshAsync(Func<Task<Server>> start, int rounds)
    {
        using var client = new HttpClient();
        var times = new Samples();
        for (var round = 0; round <= rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            await using var server = await start();
            var time = await NodeApps.AnswerAsync(client, server.Port, "Hello", clock);
            if (round > 0)
            {
                times.Add(time);
            }
        }

        return times.Median;
    }

    private static async Task<double> ReloadAsync(Func<int, Task<Server>> start, string folder, string file, int rounds)
    {
        using var client = new HttpClient();
        var source = await File.ReadAllTextAsync(Path.Combine(folder, file));
        var edited = Path.Combine(folder, "reload.js");
        await File.WriteAllTextAsync(edited, source);
        await using var server = await start(Server.FreePort());
        await NodeApps.AnswerAsync(client, server.Port, "Hello", Stopwatch.StartNew());
        var times = new Samples();
        for (var round = 0; round <= rounds; round++)
        {
            // The watcher is to have come to rest.
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var word = string.Create(CultureInfo.InvariantCulture, $"Round{round}");
            await File.WriteAllTextAsync(edited, source.Replace("World", word, StringComparison.Ordinal));
            var time = await NodeApps.AnswerAsync(client, server.Port, word, Stopwatch.StartNew());
            if (round > 0)
            {
                times.Add(time);
            }
        }

        return times.Median;
    }

    private static async Task<(double Milliseconds, double Megabytes)> InstancesAsync(Workplace workplace, string folder, string file)
    {
        var runtime = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, "run-node")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var observer = new ListeningObserver();
        using var engine = new SandboxEngine(new SandboxEngineOptions { CacheDirectory = null });
        using var stack = new StackNetwork(new StackNetworkOptions { Name = "compare", RuntimeDirectory = runtime }, observer, TimeProvider.System);
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);
        var packages = Path.Combine(workplace.NativeFolder, "packages");
        var request = new ProgramRequest(new ProgramSource.Project(folder, "nodejs", file))
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORT"] = "3000" },
        };
        var program = await new ProgramResolver(engine, new RuntimeOptions(packages, environment)).ResolveAsync(request, CancellationToken.None);

        var times = new Samples();
        var idle = new List<IdleGuest>();
        var before = 0L;
        for (var index = 0; index < WarmUps + Further; index++)
        {
            if (index == WarmUps)
            {
                before = Machine.PrivateBytes();
            }

            var guest = await IdleGuest.StartAsync(
                engine, stack, observer, $"node{index}", (name, network) => program.ForInstance(name, network, new Silence(), new InstanceLimits()), program.Module);
            idle.Add(guest);
            if (index >= WarmUps)
            {
                times.Add(guest.StartMicroseconds / 1000);
            }
        }

        var memory = (Machine.PrivateBytes() - before) / (double)Further / 1e6;
        foreach (var guest in idle)
        {
            await guest.DisposeAsync();
        }

        return (times.Median, memory);
    }
}
