namespace Wasmrun.Manifest.Flags;

/// <summary>What somebody wants a service to be run with once, as written. It travels: null, which a serializer may set, means the same as nothing given.</summary>
/// <param name="Service">Whose module or project is run.</param>
public sealed record OneOffFlags(string Service)
{
    /// <summary>What it is called; null to have a name made: <c>web-run-1a2b3c4d</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Instead of the service's own arguments; none leaves those.</summary>
    public IReadOnlyList<string> Arguments { get; init => field = value ?? []; } = [];

    /// <summary>What starts the project, instead of the service's own; its arguments are not passed on then.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Variables beside the service's: <c>NAME=VALUE</c>, or <c>NAME</c> for the value that the asking shell has.</summary>
    public IReadOnlyList<string> Environment { get; init => field = value ?? []; } = [];

    /// <summary>Mounts beside the service's: <c>SOURCE:TARGET[:ro]</c>.</summary>
    public IReadOnlyList<string> Volumes { get; init => field = value ?? []; } = [];

    /// <summary>Forwards: <c>[ADDRESS:][HOST:]GUEST[/udp]</c>.</summary>
    public IReadOnlyList<string> Publish { get; init => field = value ?? []; } = [];

    /// <summary>Whether it has the service's own forwards.</summary>
    public bool ServicePorts { get; init; }

    /// <summary>Leave out what the service depends on.</summary>
    public bool NoDependencies { get; init; }
}
