using System.Collections.Concurrent;
using System.Net;
using Wasmrun.Manifest.Specs;
using Wasmrun.Network;
using Wasmrun.Network.Forwards;
using Wasmrun.Planning.Ports;
using Wasmrun.Runtimes;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>
/// The stack host that runs real guests on real sockets. It remembers everything it gave out, so that it can say at the
/// end whether something is left.
/// </summary>
/// <param name="engine">Shared with other stacks of the process, and not this one's to dispose.</param>
public sealed class SandboxStackHost(SandboxEngine engine, SandboxStackOptions options, TimeProvider time) : IStackHost
{
    private static readonly TimeSpan s_lastWait = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly ProgramResolver _programs = new(engine, options.Runtimes);
    private readonly NetworkEvents _events = new();
    private readonly ConcurrentDictionary<SandboxedInstance, bool> _instances = [];
    private readonly ConcurrentDictionary<IPEndPoint, TransportProtocol> _everBound = [];
    private readonly HashSet<SandboxServiceHost> _services = [];
    private StackNetwork? _network;
    private IReadOnlySet<string> _watched = new HashSet<string>(StringComparer.Ordinal);
    private IReadOnlyList<NetworkSpec> _networks = [];
    private IReadOnlyList<ServiceNetworkOptions> _declared = [];

    public IReadOnlyList<string> Volumes => Directory.Exists(options.VolumesDirectory)
        ? [.. Directory.EnumerateDirectories(options.VolumesDirectory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : [];

    public async Task<PreparedModule> PrepareAsync(ServiceSpec service, CancellationToken token)
    {
        var isProject = service.Module is null;
        var program = await ResolveAsync(service, service.Command, token);
        return new SandboxModule(program, service.SourcePath, isProject)
        {
            Test = isProject && service.Healthcheck?.Probe is ProbeSpec.Command test
                ? new SandboxModule(await ResolveAsync(service, test.Arguments, token), service.SourcePath, isProject)
                : null,
        };
    }

    private Task<GuestProgram> ResolveAsync(ServiceSpec service, IReadOnlyList<string> arguments, CancellationToken token) => _programs.ResolveAsync(
        new(Source(service))
        {
            Arguments = arguments,
            WorkingDirectory = service.WorkingDirectory,
            Environment = service.Environment,
            Mounts = InstanceTranslation.Mounts(service, options),
        },
        token);

    public void Use(StackSpec stack)
    {
        lock (_gate)
        {
            _networks = stack.Networks;
            _declared = [.. stack.Services.Select(ServiceTranslation.Declaration)];
            _network?.Declare(_declared);
        }
    }

    public ReservedPorts Reserve(IReadOnlyList<PortRequest> requests)
    {
        var reserved = HostPorts.Reserve(requests);
        foreach (var forward in reserved.Forwards)
        {
            foreach (var endPoint in forward.EndPoints)
            {
                _everBound[endPoint] = forward.Description.Protocol;
            }
        }

        return reserved;
    }

    public HeldForward Retarget(HeldForward forward, PortRequest request) =>
        HostPorts.Hold(((BoundForward)forward.Binding).Retarget(request.Service, request.GuestPort), request);

    public IServiceHost AddService(ServiceSpec service, IServiceObserver observer)
    {
        lock (_gate)
        {
            if (_network is null)
            {
                _network = new(new() { Name = options.Name, RuntimeDirectory = options.RuntimeDirectory }, _events, time);
                _network.Declare(_declared);
            }

            var network = _network.AddService(ServiceTranslation.Options(service, _networks));
            var added = new SandboxServiceHost(this, network);
            _events.Add(network, observer);
            _services.Add(added);
            added.Spares.Want(_watched.Contains(service.Name));
            return added;
        }
    }

    public void KeepSpares(IReadOnlySet<string> services)
    {
        lock (_gate)
        {
            _watched = services;
            foreach (var service in _services)
            {
                service.Spares.Want(services.Contains(service.Network.Name));
            }
        }
    }

    public void CreateVolume(string volume) => Directory.CreateDirectory(Path.Combine(options.VolumesDirectory, volume));

    public void RemoveVolume(string volume) => Directory.Delete(Path.Combine(options.VolumesDirectory, volume), recursive: true);

    public IReadOnlyList<string> FindLeftovers() =>
    [
        .. _instances.Keys.Select(instance => $"instance {instance.Name} and its thread"),
        .. FindListeners(),
        .. FindSockets(),
    ];

    /// <summary>Ends what still runs; a guest that does not end in time is left to the end of the process.</summary>
    public async ValueTask DisposeAsync()
    {
        using var ended = new CancellationTokenSource();
        var ends = Task.WhenAll(_instances.Keys.Select(instance => instance.DisposeAsync().AsTask()));
        await Task.WhenAny(ends, Task.Delay(s_lastWait, time, ended.Token));
        await ended.CancelAsync();

        lock (_gate)
        {
            _network?.Dispose();
            _network = null;
        }
    }

    internal SandboxedInstance Create(SandboxServiceHost host, SandboxModule module, InstanceRequest request)
    {
        var service = host.Network;
        var preparation = new Preparation(engine, service, host.Spares, module.Program, own => InstanceTranslation.Options(request, module, own, options));
        if (TakeSpare(host, module, request, preparation) is { } taken)
        {
            return taken;
        }

        var network = service.CreateNamespace(accepting: !request.IsHeldBack, (request.Checked as SandboxedInstance)?.Network);
        try
        {
            _events.Add(network, new PreparingObserver(request.Observer, preparation));
            var instance = new SandboxedInstance(
                this, request.Name, engine.Create(module.Program.Module, InstanceTranslation.Options(request, module, network, options)), network, preparation);
            _instances[instance] = true;
            return instance;
        }
        catch
        {
            _events.Remove(network);
            network.Dispose();
            throw;
        }
    }

    /// <summary>An instance that waits already, for one that is to take the service over.</summary>
    private SandboxedInstance? TakeSpare(SandboxServiceHost host, SandboxModule module, InstanceRequest request, Preparation preparation)
    {
        if (module.Program.Spare is null || !request.IsHeldBack || request.Checked is not null
            || host.Spares.TryTake(module.Program, InstanceTranslation.Limits(request.Service.Limits), request.Output) is not { } spare)
        {
            return null;
        }

        _events.Add(spare.Network, new PreparingObserver(request.Observer, preparation));
        var instance = new SandboxedInstance(this, request.Name, spare.Guest, spare.Network, preparation, spare);
        _instances[instance] = true;
        return instance;
    }

    internal void Remove(SandboxedInstance instance, NetworkNamespace network)
    {
        _events.Remove(network);
        _instances.TryRemove(instance, out _);
    }

    /// <summary>With the last service the network goes, and with it the folder of its sockets.</summary>
    internal void Remove(SandboxServiceHost service)
    {
        lock (_gate)
        {
            service.Network.Dispose();
            _events.Remove(service.Network);
            _services.Remove(service);
            if (_services.Count == 0)
            {
                _network?.Dispose();
                _network = null;
            }
        }
    }

    private static ProgramSource Source(ServiceSpec service) => service switch
    {
        { Module: { } module } => new ProgramSource.Module(module),
        { Project: { } project } => new ProgramSource.Project(project, service.Language, service.Entrypoint) { IsReadOnly = service.IsProjectReadOnly },
        _ => throw new ModuleLoadException($"service '{service.Name}' names no module and no project"),
    };

    /// <summary>Asks the system what listens, and the network who holds it: what another program has taken since is none of ours.</summary>
    private IEnumerable<string> FindListeners()
    {
        var system = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties();
        var listening = system.GetActiveTcpListeners().Select(endPoint => (endPoint, TransportProtocol.Tcp))
            .Concat(system.GetActiveUdpListeners().Select(endPoint => (endPoint, TransportProtocol.Udp)))
            .ToHashSet();
        foreach (var (endPoint, protocol) in _everBound.Where(bound => listening.Contains((bound.Key, bound.Value))))
        {
            var probe = HostPortReservation.TryReserve([new("", [endPoint.Address], endPoint.Port, [], 1, Transport.To(protocol))]);
            foreach (var free in probe.Forwards)
            {
                free.Dispose();
            }

            if (probe.Conflicts.Any(conflict => conflict.Holder?.Pid == Environment.ProcessId))
            {
                yield return $"listener {endPoint}/{protocol.ToString().ToLowerInvariant()}";
            }
        }
    }

    private IEnumerable<string> FindSockets() => Directory.Exists(options.RuntimeDirectory)
        ? Directory.EnumerateFileSystemEntries(options.RuntimeDirectory, "net-*").Select(path => $"socket folder {path}")
        : [];
}
