namespace Wasmrun.Supervision.Logs;

/// <summary>Which log lines somebody wants to read.</summary>
public sealed record LogQuery
{
    /// <summary>Names of services; empty means every service, those that appear later included.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Only of the instances with this number; null for all.</summary>
    public int? Index { get; init; }

    /// <summary>Go on with what is written from now on, until the reading is cancelled or the stack is taken down.</summary>
    public bool Follow { get; init; }

    /// <summary>What of it is not to go before it was read, from now on. Only within the runner: it is not asked for by others.</summary>
    public LogHold Hold { get; init; }

    /// <summary>At most this many of the last lines of each service; null for all that are kept.</summary>
    public int? Tail { get; init; }

    /// <summary>Only lines begun at or after this moment.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only lines begun before this moment; a follower ends at the first that is later.</summary>
    public DateTimeOffset? Until { get; init; }
}
