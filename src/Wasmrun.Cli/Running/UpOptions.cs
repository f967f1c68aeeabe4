using Wasmrun.Cli.Rendering;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Running;

/// <summary>The flags of <c>up</c>.</summary>
/// <param name="Wait">Return only once the services are ready; implies running detached.</param>
/// <param name="WaitTimeout">How long <paramref name="Wait"/> may take; null for ever.</param>
internal sealed record UpOptions(
    ApplyOptions Apply, ForegroundOptions Foreground, bool Wait, TimeSpan? WaitTimeout)
{
    /// <summary>As <c>up -d</c> without further flags.</summary>
    internal static UpOptions Detached(ApplyOptions apply) => new(
        apply, new ForegroundOptions(apply.Services, new LogStyle(Prefix: true, Timestamps: false), Colors: true, GracePeriod: null), Wait: false, WaitTimeout: null);
}
