using System.Diagnostics;
using System.Globalization;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>A server that comes back whenever it ends.</summary>
internal sealed class RestartedServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _done = new();
    private readonly string _program;
    private readonly string[] _arguments;
    private readonly string? _folder;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _keeping = Task.CompletedTask;

    private RestartedServer(int port, string program, string[] arguments, string? folder)
    {
        Port = port;
        _program = program;
        _arguments = arguments;
        _folder = folder;
    }

    public int Port { get; }

    public static Task<RestartedServer> NativeAsync(Workplace workplace)
    {
        var port = Server.FreePort();
        var program = Path.Combine(workplace.NativeFolder, "http");
        return new RestartedServer(port, program, [port.ToString(CultureInfo.InvariantCulture)], folder: null).ReadyAsync();
    }

    public static async Task<RestartedServer> WasmrunAsync(Workplace workplace)
    {
        var port = Server.FreePort();
        var folder = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, "restart")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "wasmrun-compose.yaml"), $$"""
            services:
              web:
                module: {{Path.Combine(workplace.Root, "tests", "guests", "http.wasm")}}
                forwards: ["{{port.ToString(CultureInfo.InvariantCulture)}}:8080"]
                restart: { policy: always, delay: 1ms, max_delay: 1ms, jitter: false }

            """);
        return await new RestartedServer(port, workplace.Wasmrun, ["up"], folder).ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _keeping;
        _done.Dispose();
    }

    private async Task<RestartedServer> ReadyAsync()
    {
        _keeping = KeepAsync();
        await _ready.Task;
        return this;
    }

    private async Task KeepAsync()
    {
        while (!_done.IsCancellationRequested)
        {
            var start = new ProcessStartInfo(_program, _arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = _folder ?? Path.GetTempPath(),
            };
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, line) => Look(line.Data);
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            await using var end = _done.Token.Register(static started => ((Process)started!).Kill(entireProcessTree: true), process);
            await process.WaitForExitAsync();
        }
    }

    private void Look(string? line)
    {
        if (line?.Contains("listening on", StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult();
        }
    }
}
