using Wasmrun.Cli.Rendering;

namespace Wasmrun.Cli.Running;

/// <summary>How a stack is shown and ended in the foreground; the flags of <c>up</c>.</summary>
/// <param name="Services">The services that were asked for; none means all. The run ends when they have.</param>
/// <param name="GracePeriod">Instead of the services' own.</param>
internal sealed record ForegroundOptions(IReadOnlyList<string> Services, LogStyle Style, bool Colors, TimeSpan? GracePeriod);
