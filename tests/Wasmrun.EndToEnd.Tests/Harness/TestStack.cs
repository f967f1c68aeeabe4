using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>
/// One manifest in a folder of its own, with state, runtime and cache folders that no other test shares, so that all tests
/// run side by side. Disposal brings the stack down whatever state a failed test left it in.
/// </summary>
internal sealed class TestStack : IAsyncDisposable
{
    private readonly List<RunningProcess> _processes = [];
    private readonly Dictionary<string, string> _environment;

    public TestStack(string manifest)
    {
        Folder = Directory.CreateTempSubdirectory("wasmrun-e2e-").FullName;
        Name = "e2e-" + Path.GetFileName(Folder)["wasmrun-e2e-".Length..].ToLowerInvariant();
        _environment = new(StringComparer.Ordinal)
        {
            ["WASMRUN_RUNTIME_DIR"] = Path.Combine(Folder, "run"),
            ["WASMRUN_STATE_DIR"] = Path.Combine(Folder, "state"),
            ["WASMRUN_CACHE_DIR"] = Path.Combine(Path.GetTempPath(), $"wasmrun-e2e-cache-{System.Environment.UserName}"),
            ["NO_COLOR"] = "1",
        };
        Write(manifest);
    }

    public string Folder { get; }

    /// <summary>The program that runs the commands.</summary>
    public string Program { get; init; } = Wasmrun.Executable;

    public string Name { get; }

    public string ManifestFile => Path.Combine(Folder, "wasmrun-compose.yaml");

    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Lets this stack compile for itself alone, from nothing.</summary>
    public void UseOwnCache() => _environment["WASMRUN_CACHE_DIR"] = Path.Combine(Folder, "cache");

    /// <summary>Sets a variable for all commands.</summary>
    public void Let(string variable, string value) => _environment[variable] = value;

    public void Write(string manifest) => File.WriteAllText(ManifestFile, $"name: {Name}\n{manifest}");

    public RunningProcess Start(params string[] arguments) => StartProgram(Program, arguments);

    public RunningProcess StartProgram(string program, params string[] arguments)
    {
        var process = RunningProcess.Start(program, arguments, Folder, _environment);
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs a command to its end, with something to read.</summary>
    public async Task<Finished> RunWithInputAsync(string input, params string[] arguments)
    {
        await using var process = RunningProcess.Start(Program, arguments, Folder, _environment, input);
        return await process.ExitAsync();
    }

    /// <summary>Runs a command to its end.</summary>
    public async Task<Finished> RunAsync(params string[] arguments)
    {
        await using var process = RunningProcess.Start(Program, arguments, Folder, _environment);
        return await process.ExitAsync();
    }

    public async Task<Finished> RunSuccessfullyAsync(params string[] arguments)
    {
        var finished = await RunAsync(arguments);
        Assert.True(finished.ExitCode == 0, $"wasmrun {string.Join(' ', arguments)}: {finished.All}");
        return finished;
    }

    /// <summary>Every service as <c>ps --format json</c> shows it.</summary>
    public async Task<IReadOnlyList<JsonElement>> PsAsync()
    {
        var finished = await RunSuccessfullyAsync("ps", "-a", "--format", "json");
        return [.. finished.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>Where the forward of a service's guest port is reached on 127.0.0.1.</summary>
    public async Task<int> PortAsync(string service, int guestPort)
    {
        var found = (await PsAsync())
            .Where(row => row.GetProperty("Service").GetString() == service)
            .SelectMany(row => row.GetProperty("Publishers").EnumerateArray())
            .Where(publisher => publisher.GetProperty("TargetPort").GetInt32() == guestPort)
            .Select(publisher => publisher.GetProperty("PublishedPort").GetInt32())
            .Distinct();
        return Assert.Single(found);
    }

    /// <summary>A client of one service that opens a new connection for each request.</summary>
    public static HttpClient NewClient(int port) => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/"),
        Timeout = FailureLimit.Duration,
    };

    /// <summary>Binds a port as any other program could, which throws when someone still has it.</summary>
    public static void AssertFree(int port)
    {
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            listener.Bind(new IPEndPoint(address, port));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using (var down = RunningProcess.Start(Program, ["down", "-t", "1"], Folder, _environment))
        {
            await down.ExitAsync();
        }

        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
