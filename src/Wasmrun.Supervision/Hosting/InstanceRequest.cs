using Wasmrun.Manifest.Specs;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Hosting;

/// <summary>What an instance is made with.</summary>
/// <param name="Name">The instance's name: <c>web-1</c>.</param>
/// <param name="Output">Where its standard streams go.</param>
/// <param name="Observer">Who wants to know what it does.</param>
public sealed record InstanceRequest(string Name, ServiceSpec Service, IGuestOutput Output, IInstanceObserver Observer)
{
    /// <summary>It listens and can be probed, but gets no clients before it is told to take them.</summary>
    public bool IsHeldBack { get; init; }

    /// <summary>The instance that this one is to check, and that its loopback leads to; null for one that serves.</summary>
    public IInstance? Checked { get; init; }
}
