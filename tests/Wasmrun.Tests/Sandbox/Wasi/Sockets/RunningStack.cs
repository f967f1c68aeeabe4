using System.Collections.Concurrent;
using System.Net;
using Wasmrun.Network;
using Wasmrun.Network.Forwards;
using Wasmrun.Sandbox;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>A stack of real guests in their own namespaces, reached through forwards as any client of the host reaches them.</summary>
internal sealed class RunningStack : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly StackNetwork _stack;
    private readonly SandboxEngine _engine = new(new() { CacheDirectory = null });
    private readonly List<SandboxInstance> _instances = [];
    private readonly List<NetworkNamespace> _networks = [];
    private readonly ConcurrentDictionary<(NetworkNamespace, int), TaskCompletionSource> _listening = [];

    public RunningStack()
    {
        var observer = new QuietNetwork { Listening = (network, port) => WhenListening(network, port).TrySetResult() };
        _stack = new(new() { Name = "test", RuntimeDirectory = _folder.Sub("run") }, observer, TimeProvider.System);
    }

    public InstanceLimits Limits { get; init; } = new() { Descriptors = 4096 };

    /// <summary>What all guests print, one after the other.</summary>
    public RecordedOutput Output { get; } = new();

    /// <summary>Starts a guest, or a module given as text, as a service.</summary>
    /// <param name="port">The port it will listen on, which is forwarded from a free port of the host; 0 for a service without.</param>
    public async Task<RunningService> StartAsync(string name, string guest, int port, params string[] arguments)
    {
        var service = _stack.AddService(new() { Name = name });
        return await StartAsync(service, guest, port == 0 ? 0 : Forward(service, port), arguments);
    }

    /// <summary>Starts a further instance of a service.</summary>
    public Task<RunningService> StartAgainAsync(RunningService service, string guest) => StartAsync(service.Network.Service, guest, service.HostPort, []);

    /// <summary>Starts a guest that listens by itself, and waits until it does.</summary>
    public async Task<RunningService> StartListeningAsync(string name, string guest, int port = 8080, params string[] arguments)
    {
        var service = await StartAsync(name, guest, port, arguments);
        await WhenListening(service.Network, port).Task.WaitAsync(_patience, TimeProvider.System);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        _networks.ForEach(network => network.Dispose());
        _stack.Dispose();
        _engine.Dispose();
        _folder.Dispose();
    }

    private async Task<RunningService> StartAsync(ServiceNetwork service, string guest, int hostPort, string[] arguments)
    {
        var network = service.CreateNamespace();
        _networks.Add(network);
        var path = guest.StartsWith('(') ? _folder.Write($"{Guid.NewGuid():N}.wat", guest) : Repository.PathOf($"tests/guests/{guest}.wasm");
        var module = await _engine.LoadAsync(path, TestContext.Current.CancellationToken);
        var instance = _engine.Create(module, new()
        {
            Name = $"{service.Name}-1",
            Arguments = [guest, .. arguments],
            Network = network,
            Output = Output,
            Limits = Limits,
        });
        _instances.Add(instance);
        instance.Start();
        return new(instance, network, hostPort);
    }

    private static int Forward(ServiceNetwork service, int port)
    {
        var reserved = HostPortReservation.TryReserve([new(service.Name, [IPAddress.Loopback], 0, [], port, ForwardProtocol.Tcp)]);
        service.SetForwards(reserved.Forwards);
        return reserved.Forwards[0].HostPort;
    }

    private TaskCompletionSource WhenListening(NetworkNamespace network, int port) =>
        _listening.GetOrAdd((network, port), _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
