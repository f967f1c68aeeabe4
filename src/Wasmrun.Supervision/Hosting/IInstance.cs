using Wasmrun.Manifest.Specs;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Hosting;

/// <summary>One instance of a service, in a network namespace of its own. Disposing it stops it, if need be, and closes what it opened.</summary>
public interface IInstance : IAsyncDisposable
{
    /// <summary>Ends when the guest runs; never does for one that could not be run.</summary>
    Task Begun { get; }

    /// <summary>How it ended; never fails.</summary>
    Task<InstanceExit> Completion { get; }

    /// <summary>What the guest listens on now.</summary>
    IReadOnlyList<GuestPort> Listening { get; }

    /// <summary>Clients whose connections it has not closed yet.</summary>
    int Clients { get; }

    /// <summary>Whether the guest ends by itself when it is asked to.</summary>
    bool IsTerminable { get; }

    /// <summary>Brings clients to it from now on; for an instance that was made to be held back.</summary>
    /// <exception cref="IOException">The system does not let it.</exception>
    void TakeClients();

    /// <summary>Leaves new clients to others, or to wait; connections that it has go on.</summary>
    void LeaveClients();

    /// <summary>Lets the guest close connections that it has answered and that have been quiet for so long.</summary>
    /// <param name="andLocal">Those of other services too, which are taken for idle when nothing of theirs waits to be read.</param>
    void EndIdleClients(TimeSpan quiet, bool andLocal);

    /// <summary>Connects to what it listens on, past its forwards; null when nothing listens there.</summary>
    Stream? TryConnect(int port);

    /// <summary>What it uses now.</summary>
    InstanceUsage Usage { get; }

    /// <summary>Bounds its memory and its processor anew while it runs.</summary>
    void Adjust(LimitsSpec limits);

    /// <summary>Runs the guest on a thread of its own and returns at once.</summary>
    void Start();

    /// <summary>Asks the guest to end by itself and returns at once.</summary>
    void Terminate();

    /// <summary>Tells the guest to stop and returns at once; any number of times.</summary>
    void Stop();
}

/// <summary>What an instance uses.</summary>
/// <param name="Processor">Processor time so far.</param>
/// <param name="MemoryBytes">The size of its memory; 0 when it does not run.</param>
public readonly record struct InstanceUsage(TimeSpan Processor, long MemoryBytes);

/// <summary>A port inside the namespace of an instance.</summary>
public readonly record struct GuestPort(int Port, TransportProtocol Protocol)
{
    public override string ToString() => Protocol == TransportProtocol.Tcp ? $"{Port}" : $"{Port}/udp";
}
