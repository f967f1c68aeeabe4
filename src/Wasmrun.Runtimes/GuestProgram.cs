using Wasmrun.Network;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes;

/// <summary>
/// A program that the sandbox can run: the compiled module, and what its instances see. All instances of a service are made
/// from one of these, so a replica or a restart costs neither looking at files nor compiling.
/// </summary>
public sealed record GuestProgram(CompiledModule Module)
{
    /// <summary>The guest's <c>argv</c>, the program's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required IReadOnlyList<GuestMount> Mounts { get; init; }

    /// <summary>Equal for equal content: what decides whether an instance is out of date.</summary>
    public string ContentHash { get; init; } = Module.ContentHash;

    /// <summary>Makes what runs an instance of a module that is a library; null runs its start function.</summary>
    public Func<IGuestDriver>? Driver { get; init; }

    /// <summary>The parts of the module that are loaded when an instance first calls them; none for a module that is whole.</summary>
    public IReadOnlyList<FarCode> Far { get; init; } = [];

    /// <summary>
    /// Makes what prepares the next instance's start, as an instance of its own that serves nobody and ends; to be run once one listens. Null when
    /// there is nothing to prepare.
    /// </summary>
    public Func<IGuestDriver>? Preparation { get; init; }

    /// <summary>
    /// Makes what runs an instance up to where its project begins, and lets it wait there to be taken; one that cannot wait ends at once. Null when
    /// instances have nothing to do before.
    /// </summary>
    public Func<SpareStart, IGuestDriver>? Spare { get; init; }

    /// <summary>Equal for programs whose instances do the same until they come to their project's files, and so may stand in for each other.</summary>
    public string? SpareKey { get; init; }

    /// <summary>What one instance of this program is given.</summary>
    public InstanceOptions ForInstance(string name, NetworkNamespace network, IGuestOutput output, InstanceLimits limits) => new()
    {
        Name = name,
        Arguments = Arguments,
        Environment = Environment,
        Mounts = Mounts,
        Network = network,
        Output = output,
        Limits = limits,
        Driver = Driver,
        Far = Far,
    };
}
