using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Ports;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Tests.Supervision.Fakes;

/// <summary>A stack host without guests and sockets: the test decides what each instance does, and can count what is left.</summary>
internal sealed class FakeStackHost : IStackHost
{
    private readonly ConcurrentDictionary<string, FakeServiceHost> _services = new(StringComparer.Ordinal);
    private readonly Channel<FakeInstance> _created = Channel.CreateUnbounded<FakeInstance>();
    private readonly HashSet<string> _volumes = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public StackSpec? Stack { get; private set; }

    /// <summary>Contents by module path; the path itself where nothing else is said.</summary>
    public ConcurrentDictionary<string, string> Contents { get; } = new(StringComparer.Ordinal);

    /// <summary>Problems by module path.</summary>
    public ConcurrentDictionary<string, string> Broken { get; } = new(StringComparer.Ordinal);

    /// <summary>Host ports that some other process holds.</summary>
    public ConcurrentDictionary<int, string> Taken { get; } = [];

    /// <summary>Host ports that are bound now, and how often each ever was.</summary>
    public ConcurrentDictionary<int, FakeBinding> Bound { get; } = [];

    /// <summary>Every binding there ever was.</summary>
    public ConcurrentBag<FakeBinding> Bindings { get; } = [];

    /// <summary>Every instance there ever was.</summary>
    public ConcurrentQueue<FakeInstance> Instances { get; } = [];

    /// <summary>What instances do as soon as they are started; nothing, unless the test says so.</summary>
    public Action<FakeInstance> Behavior { get; set; } = _ => { };

    /// <summary>What happens while an instance is made, or a service put on the networks.</summary>
    public Action Making { get; set; } = () => { };

    /// <summary>Why no instance can be made, when none can.</summary>
    public string? Refusal { get; set; }

    /// <summary>Why no service can be put on the networks, when none can.</summary>
    public string? NetworkRefusal { get; set; }

    /// <summary>How often somebody looked what there is.</summary>
    public int Looks { get; private set; }

    public IReadOnlyList<string> Volumes
    {
        get
        {
            lock (_gate)
            {
                Looks++;
                return [.. _volumes.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The services that a spare instance is to be kept for.</summary>
    public IReadOnlySet<string> Spares { get; private set; } = new HashSet<string>(StringComparer.Ordinal);

    public void KeepSpares(IReadOnlySet<string> services) => Spares = services;

    public IReadOnlyCollection<FakeServiceHost> Services => [.. _services.Values];

    public FakeServiceHost Service(string name) => _services[name];

    /// <summary>The next instance that is started.</summary>
    public async Task<FakeInstance> NextInstanceAsync() => await _created.Reader
        .ReadAsync(TestContext.Current.CancellationToken)
        .AsTask()
        .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public Task<PreparedModule> PrepareAsync(ServiceSpec service, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        return Broken.TryGetValue(service.Module!, out var problem)
            ? throw new ModuleLoadException(problem)
            : Task.FromResult<PreparedModule>(new FakeModule(service.Module!, Contents.GetValueOrDefault(service.Module!, service.Module!)));
    }

    public ReservedPorts Reserve(IReadOnlyList<PortRequest> requests)
    {
        lock (_gate)
        {
            var bound = new List<HeldForward>();
            var refused = new List<RefusedPort>();
            foreach (var request in requests)
            {
                var candidates = request.HostPort is { } wanted ? [wanted] : request.Candidates;
                var port = candidates.FirstOrDefault(IsFree);
                if (port == 0)
                {
                    refused.Add(Refuse(request, candidates[0]));
                    continue;
                }

                bound.Add(Bind(request, port));
            }

            if (refused.Count > 0)
            {
                bound.ForEach(forward => forward.Dispose());
                bound.Clear();
            }

            return new(bound, refused);
        }
    }

    public void Use(StackSpec stack) => Stack = stack;

    public HeldForward Retarget(HeldForward forward, PortRequest request)
    {
        Assert.DoesNotContain(_services.Values, service => service.Forwards.Contains(forward));
        return new(
            forward.Description with { GuestPort = request.GuestPort, Automatic = request.HostPort is null }, forward.EndPoints, forward.Binding);
    }

    public IServiceHost AddService(ServiceSpec service, IServiceObserver observer)
    {
        Making();
        if (NetworkRefusal is not null)
        {
            throw new IOException(NetworkRefusal);
        }

        var added = new FakeServiceHost(this, service, observer);
        Assert.True(_services.TryAdd(service.Name, added), $"'{service.Name}' is on the networks twice");
        return added;
    }

    public void CreateVolume(string volume)
    {
        lock (_gate)
        {
            Assert.True(_volumes.Add(volume), $"volume '{volume}' exists");
        }
    }

    public void RemoveVolume(string volume)
    {
        lock (_gate)
        {
            Assert.True(_volumes.Remove(volume), $"volume '{volume}' does not exist");
        }
    }

    public IReadOnlyList<string> FindLeftovers() =>
    [
        .. Instances.Where(instance => !instance.Completion.IsCompleted).Select(instance => $"instance {instance.Name}"),
        .. Bound.Keys.Select(port => $"listener {port}"),
        .. _services.Keys.Select(service => $"service {service}"),
    ];

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Remove(FakeServiceHost service) => _services.TryRemove(service.Spec.Name, out _);

    public FakeInstance Create(InstanceRequest request, PreparedModule module)
    {
        Making();
        if (Refusal is not null)
        {
            throw new IOException(Refusal);
        }

        var instance = new FakeInstance(request, module, started =>
        {
            Behavior(started);
            _created.Writer.TryWrite(started);
        });
        Instances.Enqueue(instance);
        return instance;
    }

    private bool IsFree(int port) => !Taken.ContainsKey(port) && !Bound.ContainsKey(port);

    private HeldForward Bind(PortRequest request, int port)
    {
        var binding = new FakeBinding(this, port);
        Bound[port] = binding;
        Bindings.Add(binding);
        return new(
            new(request.Addresses, port, request.GuestPort, request.Protocol, request.HostPort is null),
            [.. request.Addresses.Select(address => new IPEndPoint(address, port))],
            binding);
    }

    private RefusedPort Refuse(PortRequest request, int port) => new(
        request,
        request.Addresses[0],
        port,
        "address already in use",
        Taken.ContainsKey(port) ? 4711 : Environment.ProcessId,
        Taken.GetValueOrDefault(port),
        null,
        Enumerable.Range(port + 1, 100).First(IsFree));
}

/// <summary>A bound host port.</summary>
internal sealed class FakeBinding(FakeStackHost host, int port) : IDisposable
{
    public int Port { get; } = port;

    public bool IsClosed { get; private set; }

    public void Dispose()
    {
        Assert.False(IsClosed, $"port {Port} is closed twice");
        IsClosed = true;
        host.Bound.TryRemove(Port, out _);
    }
}

/// <summary>What a service runs.</summary>
internal sealed class FakeModule(string path, string content) : PreparedModule(path, content);
