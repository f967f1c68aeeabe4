using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>
/// One way of serving on a host port: the processes that take part in it, front to back. What they used of the processor is
/// counted together, so that a proxy cannot hide its share.
/// </summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly List<Process> _processes = [];
    private IAsyncDisposable? _surroundings;

    private Server(string name, Placement placement = Placement.Anywhere)
    {
        Name = name;
        Placement = placement;
    }

    public string Name { get; }

    /// <summary>Where its processes run.</summary>
    public Placement Placement { get; }

    public int Port { get; private set; }

    /// <summary>The IPv4 address at which it is reached.</summary>
    public string Host { get; private init; } = "127.0.0.1";

    /// <summary>Processor time that all processes have used so far, user and system together.</summary>
    public TimeSpan ProcessorTime => _processes.Aggregate(TimeSpan.Zero, static (sum, process) => sum + ProcessClock.Read(process));

    /// <summary>The C program compiled for this machine, without anything in front of it.</summary>
    public static Task<Server> NativeAsync(Workplace workplace, string guest, Placement placement = Placement.Anywhere, params string[] arguments) =>
        NativeAsync("native", workplace, guest, placement, arguments);

    /// <summary>The same as another process: how far it is from the first is how far apart equals are on this machine.</summary>
    public static Task<Server> NativeAgainAsync(Workplace workplace, string guest, Placement placement, params string[] arguments) =>
        NativeAsync("native again", workplace, guest, placement, arguments);

    /// <summary>The same source as a WebAssembly module behind a forward.</summary>
    public static async Task<Server> WasmrunAsync(Workplace workplace, string guest, Placement placement = Placement.Anywhere, params string[] arguments)
    {
        var server = new Server("wasmrun", placement) { Port = FreePort() };
        var module = Path.Combine(workplace.Root, "tests", "guests", guest + ".wasm");
        server.Start(workplace.Wasmrun, ["os", module, "--forward", $"{Text(server.Port)}:8080", "--", "8080", .. arguments]);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>A file of a Node.js project, run by the real one.</summary>
    public static async Task<Server> NodeAsync(string folder, string file, int? port = null, params string[] options)
    {
        var server = new Server("node") { Port = port ?? FreePort() };
        server.Start("node", [.. options, Path.Combine(folder, file)]);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>The same file as a project behind a forward.</summary>
    public static async Task<Server> WasmrunProjectAsync(Workplace workplace, string folder, string file, int? port = null, params string[] options)
    {
        var server = new Server("wasmrun") { Port = port ?? FreePort() };
        server.Start(
            workplace.Wasmrun, ["os", folder, "--language", "nodejs", "--entrypoint", file, "--forward", $"{Text(server.Port)}:3000", .. options]);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>The native program behind HAProxy in TCP mode.</summary>
    public static async Task<Server> HaproxyAsync(Workplace workplace, string guest, Placement placement)
    {
        var native = await NativeAsync(workplace, guest, placement);
        var server = new Server("native behind HAProxy (TCP)", placement) { Port = FreePort() };
        server._processes.AddRange(native._processes);
        var file = Path.Combine(workplace.NativeFolder, "haproxy.cfg");
        await File.WriteAllTextAsync(file, $"""
            global
              maxconn 4096
            defaults
              mode tcp
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            listen front
              bind 127.0.0.1:{Text(server.Port)}
              server back 127.0.0.1:{Text(native.Port)}

            """);
        server.Start("haproxy", ["-db", "-q", "-f", file]);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>The native program behind socat, one forked process per connection.</summary>
    public static async Task<Server> SocatAsync(Workplace workplace, string guest, Placement placement)
    {
        var native = await NativeAsync(workplace, guest, placement);
        var server = new Server("native behind socat", placement) { Port = FreePort() };
        server._processes.AddRange(native._processes);
        server.Start("socat", [$"TCP-LISTEN:{Text(server.Port)},bind=127.0.0.1,reuseaddr,fork,backlog=1024,nodelay", $"TCP:127.0.0.1:{Text(native.Port)},nodelay"]);
        await server.AnswersAsync();
        return server;
    }

    /// <summary>The native program in a network namespace of its own, behind a virtual cable and the packet filter's address translation.</summary>
    public static async Task<Server> NatAsync(Workplace workplace, string guest, Placement placement)
    {
        var server = new Server("native behind veth and nftables DNAT", placement) { Port = FreePort(), Host = BehindNat.HostAddress };
        var inside = FreePort();
        var nat = await BehindNat.CreateAsync(server.Port, inside);
        server._surroundings = nat;
        server.Start(
            "ip", ["netns", "exec", nat.Name, "env", $"LISTEN_ADDRESS={BehindNat.GuestAddress}", Path.Combine(workplace.NativeFolder, guest), Text(inside)]);
        await server.AnswersAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        if (_surroundings is { } surroundings)
        {
            await surroundings.DisposeAsync();
        }
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<Server> NativeAsync(string name, Workplace workplace, string guest, Placement placement, string[] arguments)
    {
        var server = new Server(name, placement) { Port = FreePort() };
        server.Start(Path.Combine(workplace.NativeFolder, guest), [Text(server.Port), .. arguments]);
        await server.AnswersAsync();
        return server;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Start(string program, IEnumerable<string> arguments)
    {
        var (command, words) = Placement.Place(program, arguments);
        var start = new ProcessStartInfo(command, words)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PORT"] = Text(Port);
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private async Task AnswersAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Parse(Host), Port);
                return;
            }
            catch (SocketException) when (clock.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }
}
