namespace Wasmrun.Manifest.Specs;

/// <summary>When and how a service is started again after it ended.</summary>
/// <param name="MaxAttempts">Restarts in a row before the service is given up, or null for no bound.</param>
/// <param name="Window">How long an instance must run before the count starts anew.</param>
public sealed record RestartSpec(
    RestartPolicy Policy, int? MaxAttempts, TimeSpan Delay, TimeSpan MaxDelay, BackoffKind Backoff, bool Jitter, TimeSpan Window)
{
    public static RestartSpec Never { get; } = new(
        RestartPolicy.No,
        MaxAttempts: null,
        Delay: TimeSpan.FromMilliseconds(100),
        MaxDelay: TimeSpan.FromSeconds(30),
        BackoffKind.Exponential,
        Jitter: true,
        Window: TimeSpan.FromSeconds(60));
}
