using Wasmrun.Supervision.Probing;
using Wasmrun.Supervision.Readiness;

namespace Wasmrun.Supervision.Services;

/// <summary>What judges a serving instance's health; disposing it ends that.</summary>
internal sealed class InstanceHealth(ReadinessWatch readiness, HealthWatch? probes) : IAsyncDisposable
{
    /// <summary>Done, with the reason, when a probe has found the instance unhealthy or, without one, it has stopped listening for long.</summary>
    public Task<string> Unhealthy => probes?.Unhealthy ?? readiness.Lost;

    /// <summary>Whether it was ever healthy; whoever has stopped listening was.</summary>
    public bool WasHealthy => probes?.WasHealthy ?? true;

    public async ValueTask DisposeAsync()
    {
        await readiness.DisposeAsync();
        if (probes is not null)
        {
            await probes.DisposeAsync();
        }
    }
}
