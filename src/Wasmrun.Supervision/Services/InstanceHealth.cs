using Wasmrun.Supervision.Probing;
using Wasmrun.Supervision.Readiness;

namespace Wasmrun.Supervision.Services;

/// <summary>What judges a serving instance's health; disposing it ends that.</summary>
internal sealed class InstanceHealth(ReadinessWatch readiness, HealthWatch? probes) : IAsyncDisposable
{
    private static readonly Task<string> _never = new TaskCompletionSource<string>().Task;

    /// <summary>Done, with the reason, when a probe has found the instance unhealthy.</summary>
    public Task<string> Unhealthy => probes?.Unhealthy ?? _never;

    /// <summary>Whether a probe has ever found it healthy.</summary>
    public bool WasHealthy => probes?.WasHealthy == true;

    public async ValueTask DisposeAsync()
    {
        await readiness.DisposeAsync();
        if (probes is not null)
        {
            await probes.DisposeAsync();
        }
    }
}
