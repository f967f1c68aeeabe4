using Wasmrun.Manifest.Specs;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Hosting;

/// <summary>One instance of a service, in a network namespace of its own. Disposing it stops it, if need be, and closes what it opened.</summary>
public interface IInstance : IAsyncDisposable
{
    /// <summary>How it ended; never fails.</summary>
    Task<InstanceExit> Completion { get; }

    /// <summary>What the guest listens on now.</summary>
    IReadOnlyList<GuestPort> Listening { get; }

    /// <summary>Runs the guest on a thread of its own and returns at once.</summary>
    void Start();

    /// <summary>Tells the guest to stop and returns at once; any number of times.</summary>
    void Stop();
}

/// <summary>A port inside the namespace of an instance.</summary>
public readonly record struct GuestPort(int Port, TransportProtocol Protocol)
{
    public override string ToString() => Protocol == TransportProtocol.Tcp ? $"{Port}" : $"{Port}/udp";
}
