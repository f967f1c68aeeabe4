using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Wasmrun.Benchmarks.Sandbox;
using Wasmrun.Network;
using Wasmrun.Runtimes;
using Wasmrun.Sandbox;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>A Flask application on native Python and in a guest: requests, the time until the first answer, reloads, memory.</summary>
internal static class PythonComparison
{
    private const int Connections = 8;
    private const int Instances = 4;

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table("Flask on Python", "", "native", "wasmrun", "wasmrun, `app:app`", "ratio", "ratio, `app:app`");
        if (PythonService.Missing is { } reason)
        {
            Console.Error.WriteLine($"without Python, because {reason}");
            return table;
        }

        var cache = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, "cache")).FullName;
        await AddRequestsAsync(table, workplace, settings, cache);
        await AddStartsAsync(table, workplace, settings, cache);
        await AddReloadAsync(table, workplace, settings, cache);
        await AddInstancesAsync(table, workplace, cache);
        return table;
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(double own, double native) => (own / native).ToString("F2", CultureInfo.InvariantCulture);

    private static async Task AddRequestsAsync(Table table, Workplace workplace, Settings settings, string cache)
    {
        await using var native = await PythonService.NativeAsync(workplace);
        await using var file = await PythonService.WasmrunAsync(workplace, "app.py", cache);
        await using var application = await PythonService.WasmrunAsync(workplace, "app:app", cache);
        PythonService[] services = [native, file, application];
        var rates = services.Select(_ => new Samples()).ToArray();
        for (var round = 0; round <= settings.Rounds; round++)
        {
            for (var i = 0; i < services.Length; i++)
            {
                var rate = await services[i].RequestsPerSecondAsync(Connections, settings.Seconds);
                if (round > 0)
                {
                    rates[i].Add(rate);
                }
            }
        }

        var (own, theirs, best) = (rates[1].Median, rates[0].Median, rates[2].Median);
        table.Add($"requests per second, {Connections} conn.", Number(theirs), Number(own), Number(best), Ratio(own, theirs), Ratio(best, theirs));
    }

    private static async Task AddStartsAsync(Table table, Workplace workplace, Settings settings, string cache)
    {
        var (native, warm, cold) = (new Samples(), new Samples(), new Samples());

        // The caches of a project are filled when it has started before.
        var folder = PythonService.CopyProject(workplace);
        for (var i = 0; i < 2; i++)
        {
            await using var service = await PythonService.WasmrunAsync(workplace, "app.py", cache, folder: folder);
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        }

        for (var round = 0; round < settings.Rounds; round++)
        {
            await using (var service = await PythonService.NativeAsync(workplace))
            {
                native.Add(service.FirstAnswerMilliseconds);
            }

            await using (var service = await PythonService.WasmrunAsync(workplace, "app.py", cache, folder: folder))
            {
                warm.Add(service.FirstAnswerMilliseconds);
            }

            // Everything but the package, which comes over the network.
            var empty = Path.Combine(workplace.NativeFolder, $"cold-{round}");
            await Workplace.RunAsync("cp", ["-r", cache, empty]);
            foreach (var prepared in Directory.EnumerateDirectories(empty, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is "modules" or "bytecode" or "library").ToList())
            {
                Directory.Delete(prepared, recursive: true);
            }

            await using (var service = await PythonService.WasmrunAsync(workplace, "app.py", empty))
            {
                cold.Add(service.FirstAnswerMilliseconds);
            }
        }

        table.Add("`wasmrun up` to first answer, ms, caches filled", Number(native.Median), Number(warm.Median), "", Ratio(warm.Median, native.Median), "");
        table.Add("the same, nothing compiled yet", "", Number(cold.Median), "", "", "");
    }

    private static async Task AddReloadAsync(Table table, Workplace workplace, Settings settings, string cache)
    {
        await using var service = await PythonService.WasmrunAsync(workplace, "app.py", cache, watch: true);
        var times = new Samples();
        for (var round = 0; round <= settings.Rounds; round++)
        {
            // The watcher has to be there before anything is saved, and tells nobody here.
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var time = await service.ReloadAsync(round == 0 ? "FIRST" : $"ROUND{round - 1}", $"ROUND{round}");
            if (round > 0)
            {
                times.Add(time);
            }
        }

        table.Add("saved to answered by the new code, ms", "", Number(times.Median), "", "", "");
    }

    private static async Task AddInstancesAsync(Table table, Workplace workplace, string cache)
    {
        var runtime = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, "run")).FullName;
        var listening = new TaskCompletionSource();
        var observer = new QuietNetwork { Listening = () => listening.TrySetResult() };
        using var engine = new SandboxEngine(new SandboxEngineOptions { CacheDirectory = Path.Combine(cache, "modules") });
        using var stack = new StackNetwork(new StackNetworkOptions { Name = "compare", RuntimeDirectory = runtime }, observer, TimeProvider.System);
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);
        var resolver = new ProgramResolver(engine, new RuntimeOptions(Path.Combine(cache, "runtimes"), environment));
        var request = new ProgramRequest(new ProgramSource.Project(PythonService.CopyProject(workplace), "python", null))
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORT"] = "5000", ["PYTHONPATH"] = "/packages" },
            Mounts = [new GuestMount.Host("/packages", PythonService.Packages, ReadOnly: true)],
        };

        var times = new Samples();
        var before = 0L;
        var running = new List<IAsyncDisposable>();
        for (var i = 0; i <= Instances; i++)
        {
            var program = await resolver.ResolveAsync(request, CancellationToken.None);
            var network = stack.AddService(new ServiceNetworkOptions { Name = $"web{i}" }).CreateNamespace();
            listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var clock = Stopwatch.StartNew();
            var instance = engine.Create(program.Module, program.ForInstance($"web{i}-1", network, new DiscardedOutput(), new()));
            running.Add(instance);
            instance.Start();
            await listening.Task;
            if (i > 0)
            {
                times.Add(clock.Elapsed.TotalMilliseconds);
            }
            else
            {
                before = SettledBytes();
            }
        }

        var perInstance = (SettledBytes() - before) / 1e6 / Instances;
        foreach (var instance in running)
        {
            await instance.DisposeAsync();
        }

        table.Add("a further instance until it listens, ms", "", Number(times.Median), "", "", "");
        table.Add("memory of a further instance, MB", "", perInstance.ToString("F1", CultureInfo.InvariantCulture), "", "", "");
    }

    /// <summary>Memory of the process without what only waits to be collected.</summary>
    private static long SettledBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Machine.PrivateBytes();
    }
}
