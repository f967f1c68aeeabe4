namespace Wasmrun.Reconciliation.Applying;

/// <summary>How a manifest is applied; the flags of <c>up</c>. It travels: null, which a serializer may set, means the same as nothing given.</summary>
public sealed record ApplyOptions
{
    /// <summary>Bring up these services and what they depend on; empty means all.</summary>
    public IReadOnlyList<string> Services { get; init => field = value ?? []; } = [];

    /// <summary>With <see cref="Services"/>: leave out what they depend on.</summary>
    public bool NoDependencies { get; init; }

    /// <summary>Stop and remove services that run and that the manifest no longer declares.</summary>
    public bool RemoveOrphans { get; init; }

    /// <summary>How many replicas to run of these services, instead of what the manifest says.</summary>
    public IReadOnlyDictionary<string, int> Scale { get; init => field = value ?? s_unscaled; } = s_unscaled;

    /// <summary>Run the services' build commands even if they were run before.</summary>
    public bool Build { get; init; }

    /// <summary>Replace running instances even where nothing changed.</summary>
    public bool ForceRecreate { get; init; }

    private static readonly Dictionary<string, int> s_unscaled = new(StringComparer.Ordinal);
}
