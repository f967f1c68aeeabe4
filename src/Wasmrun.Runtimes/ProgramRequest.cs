using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes;

/// <summary>What a service asks to be run, before anybody has looked at its files.</summary>
public sealed record ProgramRequest(ProgramSource Source)
{
    /// <summary>The program's arguments, without its own name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The absolute path in the guest where a project's program starts; null for where the project lies.</summary>
    public string? WorkingDirectory { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyList<GuestMount> Mounts { get; init; } = [];
}
