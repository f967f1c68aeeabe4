using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>A server that a supervisor keeps alive, and restarts when it is told to.</summary>
internal sealed class SupervisedServer : IAsyncDisposable
{
    private readonly Process _supervisor;
    private readonly Func<Task> _restart;

    private SupervisedServer(int port, Process supervisor, Func<Task> restart)
    {
        Port = port;
        _supervisor = supervisor;
        _restart = restart;
    }

    public int Port { get; }

    /// <summary>The native program under supervisord, which starts it again at once whenever it ends.</summary>
    public static async Task<SupervisedServer> SupervisordAsync(Workplace workplace)
    {
        var port = Server.FreePort();
        var folder = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, $"supervisord-{Text(port)}")).FullName;
        var file = Path.Combine(folder, "supervisord.conf");
        await File.WriteAllTextAsync(file, $"""
            [supervisord]
            nodaemon=true
            logfile=/dev/null
            logfile_maxbytes=0
            pidfile={folder}/pid
            [unix_http_server]
            file={folder}/control
            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
            [supervisorctl]
            serverurl=unix://{folder}/control
            [program:web]
            command={Path.Combine(workplace.NativeFolder, "http")} {Text(port)}
            autorestart=true
            startsecs=0
            stopwaitsecs=2
            stdout_logfile=/dev/null
            stderr_logfile=/dev/null

            """);
        var supervisor = Start("supervisord", ["-c", file], folder);
        return await new SupervisedServer(port, supervisor, () => Workplace.RunAsync("supervisorctl", ["-c", file, "restart", "web"])).AnsweringAsync();
    }

    /// <summary>The same source as a WebAssembly module.</summary>
    public static async Task<SupervisedServer> WasmrunAsync(Workplace workplace)
    {
        var port = Server.FreePort();
        var folder = Directory.CreateDirectory(Path.Combine(workplace.NativeFolder, $"supervised-{Text(port)}")).FullName;
        var manifest = Path.Combine(folder, "wasmrun-compose.yaml");
        await File.WriteAllTextAsync(manifest, $$"""
            services:
              web:
                module: {{Path.Combine(workplace.Root, "tests", "guests", "http.wasm")}}
                forwards: ["{{Text(port)}}:8080"]
                restart: { policy: always, delay: 1ms, max_delay: 1ms, jitter: false }
                stop_grace_period: 2s

            """);
        var supervisor = Start(workplace.Wasmrun, ["up"], folder);
        return await new SupervisedServer(
            port, supervisor, () => Workplace.RunAsync(workplace.Wasmrun, ["--progress", "quiet", "-f", manifest, "restart", "web"])).AnsweringAsync();
    }

    public Task RestartAsync() => _restart();

    public async ValueTask DisposeAsync()
    {
        _supervisor.Kill(entireProcessTree: true);
        await _supervisor.WaitForExitAsync();
        _supervisor.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Process Start(string program, IEnumerable<string> arguments, string folder)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<SupervisedServer> AnsweringAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port);
                return this;
            }
            catch (SocketException) when (clock.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }
}
