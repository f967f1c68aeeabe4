using System.Collections;
using System.Collections.Concurrent;
using System.Net;
using Wasmrun.Network;
using Wasmrun.Network.Forwards;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Sandbox;
using Wasmrun.Tests.House;
using Wasmrun.Tests.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>
/// A stack of Python projects, reached through forwards. The interpreter comes from the registry, and without it the test is skipped;
/// it is compiled once for all test runs of a user.
/// </summary>
public sealed class PythonStack : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);
    private static readonly string _cache = Path.Combine(Path.GetTempPath(), $"wasmrun-test-runtimes-{Environment.UserName}");
    private static readonly Lazy<SandboxEngine> _engine = new(() => new(new() { CacheDirectory = Path.Combine(_cache, "modules") }));

    private readonly TemporaryFolder _folder = new();
    private readonly StackNetwork _stack;
    private readonly List<SandboxInstance> _instances = [];
    private readonly List<NetworkNamespace> _networks = [];
    private readonly List<SpareStart> _spares = [];
    private readonly ConcurrentDictionary<(NetworkNamespace, int), TaskCompletionSource> _listening = [];

    public PythonStack()
    {
        var observer = new QuietNetwork { Listening = (network, port) => WhenListening(network, port).TrySetResult() };
        _stack = new(new() { Name = "test", RuntimeDirectory = _folder.Sub("run") }, observer, TimeProvider.System);
    }

    /// <summary>Where the interpreter lies, for all tests of a user.</summary>
    internal static string Cache => _cache;

    /// <summary>What all guests print, one after the other.</summary>
    internal RecordedOutput Output { get; } = new();

    /// <summary>The folder of a runtime's package, which is fetched once for all tests.</summary>
    internal static Task<string> FetchAsync(LockedPackage package) =>
        OrSkipAsync(RuntimePackages.GetAsync(package, new(_cache, Variables()), projectFolder: null, TestContext.Current.CancellationToken));

    /// <summary>A folder of the host that belongs to this stack alone.</summary>
    internal string Sub(string name) => Directory.CreateDirectory(_folder.Sub(name)).FullName;

    /// <summary>Writes a file of a project that only one test needs.</summary>
    /// <returns>The folder of the project.</returns>
    internal string Write(string project, string file, string text)
    {
        var path = Path.Combine(Sub(project), file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return Sub(project);
    }

    /// <summary>A project of <c>guests</c> beside this file, or any folder.</summary>
    internal static string Project(string name) => Repository.PathOf($"tests/Wasmrun.Tests/Runtimes/Python/guests/{name}");

    /// <summary>Starts a project whose service has a forward to the port, which <c>PORT</c> names.</summary>
    internal async Task<RunningService> StartAsync(
        string name, string folder, int port, string? entrypoint = null, IReadOnlyDictionary<string, string>? environment = null, params GuestMount[] mounts) =>
        await StartAsync(name, folder, port, entrypoint, environment, mounts, static (options, _) => options);

    /// <summary>Prepares the next start of a project.</summary>
    internal async Task PrepareAsync(string name, string folder, int port)
    {
        var service = await StartAsync(
            name, folder, port, entrypoint: null, environment: null, [], static (options, program) => options with { Driver = program.Preparation });
        Assert.Equal(new InstanceExit.Exited(0), await service.Instance.Completion.WaitAsync(_patience, TimeProvider.System));
    }

    /// <summary>Starts a spare instance of a project; whoever disposes of the stack ends it.</summary>
    internal async Task<(RunningService Service, SpareStart Start)> StartSpareAsync(string name, string folder, int port)
    {
        var start = new SpareStart();
        _spares.Add(start);
        return (await StartAsync(name, folder, port, entrypoint: null, environment: null, [], (options, program) => options with { Driver = () => program.Spare!(start) }), start);
    }

    /// <summary>Done when the guest listens on the port.</summary>
    internal Task ListensAsync(RunningService service, int port) => WhenListening(service.Network, port).Task.WaitAsync(_patience, TimeProvider.System);

    /// <summary>Starts a server and waits until it listens.</summary>
    internal async Task<RunningService> StartListeningAsync(
        string name, string folder, int port, string? entrypoint = null, IReadOnlyDictionary<string, string>? environment = null, params GuestMount[] mounts)
    {
        var service = await StartAsync(name, folder, port, entrypoint, environment, mounts);
        var listens = WhenListening(service.Network, port).Task;
        await Task.WhenAny(listens, service.Instance.Completion).WaitAsync(_patience, TimeProvider.System);
        Assert.True(listens.IsCompleted, $"'{name}' ended before it listened:\n{Output.Text}");
        return service;
    }

    /// <summary>Runs a program to its end.</summary>
    internal async Task<(string Output, InstanceExit Exit)> RunAsync(string folder, string entrypoint, string name = "guest")
    {
        var service = await StartAsync(name, folder, 8080, entrypoint);
        var exit = await service.Instance.Completion.WaitAsync(_patience, TimeProvider.System);
        return (Output.Text, exit);
    }

    /// <summary>Asks a guest to end, and tells how it has and how long that took by a <see cref="BusyClock"/>.</summary>
    internal static async Task<(InstanceExit Exit, TimeSpan Took)> TerminateAsync(RunningService service)
    {
        using var clock = await BusyClock.StartAsync();
        service.Instance.Terminate();
        var exit = await service.Instance.Completion.WaitAsync(_patience, TimeProvider.System);
        return (exit, clock.Elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        _networks.ForEach(network => network.Dispose());
        _spares.ForEach(spare => spare.Dispose());
        _stack.Dispose();
        _folder.Dispose();
    }

    private async Task<RunningService> StartAsync(
        string name, string folder, int port, string? entrypoint, IReadOnlyDictionary<string, string>? environment, GuestMount[] mounts,
        Func<InstanceOptions, GuestProgram, InstanceOptions> change)
    {
        var service = _stack.AddService(new() { Name = name });
        var reserved = HostPortReservation.TryReserve([new(name, [IPAddress.Loopback], 0, [], port, ForwardProtocol.Tcp)]);
        service.SetForwards(reserved.Forwards);
        var network = service.CreateNamespace();
        _networks.Add(network);
        var variables = new Dictionary<string, string>(environment ?? new Dictionary<string, string>(), StringComparer.Ordinal) { ["PORT"] = $"{port}" };
        var program = await ResolveAsync(new(new ProgramSource.Project(folder, "python", entrypoint)) { Environment = variables, Mounts = mounts });
        var options = program.ForInstance($"{name}-1", network, Output, new() { Descriptors = 4096 });
        var instance = _engine.Value.Create(program.Module, change(options, program));
        _instances.Add(instance);
        instance.Start();
        return new(instance, network, reserved.Forwards[0].HostPort);
    }

    private Task<GuestProgram> ResolveAsync(ProgramRequest request) => OrSkipAsync(
        new ProgramResolver(_engine.Value, new RuntimeOptions(_cache, Variables()) { PythonImageFolder = _folder.Sub("images") }).ResolveAsync(request, TestContext.Current.CancellationToken));

    private static Dictionary<string, string> Variables() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);

    /// <summary>Skips the test when the interpreter cannot be fetched.</summary>
    internal static async Task<T> OrSkipAsync<T>(Task<T> fetching)
    {
        try
        {
            return await fetching;
        }
        catch (Exception e) when (e is ModuleLoadException or PackageFetchException
            && e.Message.Contains("cannot fetch", StringComparison.Ordinal) && Environment.GetEnvironmentVariable("WASMRUN_TESTS_REQUIRE_ALL") is not ("1" or "true"))
        {
            Assert.Skip($"the runtime is not to be had: {e.Message}");
            throw;
        }
    }

    private TaskCompletionSource WhenListening(NetworkNamespace network, int port) =>
        _listening.GetOrAdd((network, port), _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
