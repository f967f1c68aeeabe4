using System.Diagnostics;
using System.Globalization;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>The Flask application of <c>flask/</c>, run by <c>python3</c> or by wasmrun, in a folder of its own where its file may be changed.</summary>
internal sealed class PythonService : IAsyncDisposable
{
    /// <summary>Where Debian's python3-flask puts Flask, for both.</summary>
    public const string Packages = "/usr/lib/python3/dist-packages";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
    private Process? _process;

    private PythonService(string name, string folder)
    {
        Name = name;
        _folder = folder;
    }

    public static string? Missing => Directory.Exists(Path.Combine(Packages, "flask")) && Workplace.Has("python3") ? null : "python3-flask is not installed";

    public string Name { get; }

    public int Port { get; init; } = Server.FreePort();

    /// <summary>From the start of the process to the end of the first answer.</summary>
    public double FirstAnswerMilliseconds { get; private set; }

    public static string CopyProject(Workplace workplace)
    {
        var folder = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, $"flask-{Guid.NewGuid():N}")).FullName;
        File.Copy(Path.Combine(workplace.Root, "tests", "Wasmrun.Benchmarks", "Compare", "flask", "app.py"), Path.Combine(folder, "app.py"));
        return folder;
    }

    public static async Task<PythonService> NativeAsync(Workplace workplace)
    {
        var service = new PythonService("native python3, `app.py`", CopyProject(workplace));
        await service.StartAsync("python3", ["app.py"], ("PORT", service.PortText), ("PYTHONPATH", Packages));
        return service;
    }

    /// <summary>A stack of the one service, brought up in the foreground.</summary>
    /// <param name="entrypoint"><c>app.py</c>, or <c>app:app</c> for the server that wasmrun brings.</param>
    /// <param name="cache">The cache folder of the runner.</param>
    /// <param name="folder">With the project; null makes one.</param>
    public static async Task<PythonService> WasmrunAsync(Workplace workplace, string entrypoint, string cache, bool watch = false, string? folder = null)
    {
        var service = new PythonService($"wasmrun, `{entrypoint}`", folder ?? CopyProject(workplace));
        await File.WriteAllTextAsync(Path.Combine(service._folder, "wasmrun-compose.yaml"), $$"""
            services:
              web:
                project: .
                entrypoint: "{{entrypoint}}"
                forwards: ["{{service.PortText}}:5000"]
                environment: { PYTHONPATH: /packages }
                volumes: ["{{Packages}}:/packages:ro"]
            """);
        await service.StartAsync(workplace.Wasmrun, watch ? ["up", "--watch"] : ["up"], ("WASMRUN_CACHE_DIR", cache));
        return service;
    }

    public async Task<double> RequestsPerSecondAsync(int connections, int seconds)
    {
        var output = await Workplace.RunAsync("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", $"http://127.0.0.1:{PortText}/"]);
        var line = output.Split('\n').Single(text => text.StartsWith("Requests/sec:", StringComparison.Ordinal));
        return double.Parse(line["Requests/sec:".Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>Saves the file with another text, and measures until that text is answered.</summary>
    public async Task<double> ReloadAsync(string before, string after)
    {
        var path = Path.Combine(_folder, "app.py");
        var text = (await File.ReadAllTextAsync(path)).Replace(before, after, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path + ".new", text);
        var clock = Stopwatch.StartNew();
        File.Move(path + ".new", path, overwrite: true);
        await AnswersAsync(after, clock);
        return clock.Elapsed.TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is { HasExited: false } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        _process?.Dispose();
    }

    private string PortText => Port.ToString(CultureInfo.InvariantCulture);

    private async Task StartAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var clock = Stopwatch.StartNew();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await AnswersAsync("FIRST", clock);
        FirstAnswerMilliseconds = clock.Elapsed.TotalMilliseconds;
    }

    private async Task AnswersAsync(string text, Stopwatch clock)
    {
        while (true)
        {
            try
            {
                if ((await _client.GetStringAsync(new Uri($"http://127.0.0.1:{PortText}/"))).Contains(text, StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException) when (clock.Elapsed < s_patience && _process is { HasExited: false })
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }
}
