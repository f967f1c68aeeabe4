using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Ports;

namespace Wasmrun.Supervision.Hosting;

/// <summary>
/// What one stack stands on: modules, host ports, networks and instances. The seam between supervision, which decides when,
/// and the sandbox and the network, which do; tests put a stack without guests and sockets behind it.
/// </summary>
public interface IStackHost : IAsyncDisposable
{
    /// <summary>Makes what a service runs ready to be started any number of times.</summary>
    /// <exception cref="Sandbox.ModuleLoadException">It cannot be run; the message says why and what to do.</exception>
    Task<PreparedModule> PrepareAsync(ServiceSpec service, CancellationToken token);

    /// <summary>
    /// Tells what the services of the stack are and have in common, before any of them is added: as soon as one is, all have their names and addresses.
    /// </summary>
    void Use(StackSpec stack);

    /// <summary>Binds host ports, all or nothing. Clients can connect, and wait, from here on.</summary>
    ReservedPorts Reserve(IReadOnlyList<PortRequest> requests);

    /// <summary>
    /// Lets a forward that its service has detached lead to what the request asks for; the port stays open, and who waits at it waits on.
    /// </summary>
    HeldForward Retarget(HeldForward forward, PortRequest request);

    /// <summary>Puts a service on the stack's networks, without forwards and instances so far.</summary>
    /// <exception cref="IOException">The system does not let it.</exception>
    IServiceHost AddService(ServiceSpec service, IServiceObserver observer);

    /// <summary>
    /// Keeps an instance waiting for each of these services while they serve, where their language has it, so that the next one has less to do; and none for
    /// others.
    /// </summary>
    void KeepSpares(IReadOnlySet<string> services);

    /// <summary>Makes the folder of a named volume, unless it is there.</summary>
    /// <exception cref="IOException">The system does not let it.</exception>
    void CreateVolume(string volume);

    /// <summary>Removes a named volume with all that is in it.</summary>
    /// <exception cref="IOException">The system does not let it.</exception>
    void RemoveVolume(string volume);

    /// <summary>The named volumes that exist.</summary>
    IReadOnlyList<string> Volumes { get; }

    /// <summary>Instances, threads, listeners and socket files of the stack that still exist, one line each.</summary>
    IReadOnlyList<string> FindLeftovers();
}
