using System.Net;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Supervision.Hosting;

/// <summary>A host port that is bound for a service, and what binds it. Whoever holds it closes it or hands it on.</summary>
public sealed class HeldForward(ObservedForward description, IReadOnlyList<IPEndPoint> endPoints, IDisposable binding) : IDisposable
{
    public ObservedForward Description { get; } = description;

    /// <summary>Where the host really listens: not on addresses that the machine does not have.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; } = endPoints;

    /// <summary>The host's own object for it.</summary>
    public IDisposable Binding { get; } = binding;

    public void Dispose() => Binding.Dispose();
}
