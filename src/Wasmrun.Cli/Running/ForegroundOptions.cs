using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Api;

namespace Wasmrun.Cli.Running;

/// <summary>How a stack is shown and ended in the foreground; the flags of <c>up</c>.</summary>
/// <param name="Services">The services that were asked for; none means all. The run ends when they have.</param>
/// <param name="GracePeriod">Instead of the services' own.</param>
internal sealed record ForegroundOptions(IReadOnlyList<string> Services, LogStyle Style, bool Colors, TimeSpan? GracePeriod)
{
    /// <summary>When the run ends although not everything has.</summary>
    internal EndRule End { get; init; } = EndRule.WhenAllHaveEnded;

    /// <summary>Which files are watched; null for none. A run that watches does not end because everything has: a change may mend it.</summary>
    internal WatchRequest? Watch { get; init; }

    /// <summary>Show the output of these services only; empty for all.</summary>
    internal IReadOnlyList<string> Attach { get; init; } = [];

    /// <summary>Do not show the output of these services.</summary>
    internal IReadOnlyList<string> NoAttach { get; init; } = [];
}
