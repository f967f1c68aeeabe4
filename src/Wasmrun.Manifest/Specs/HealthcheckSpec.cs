namespace Wasmrun.Manifest.Specs;

/// <summary>How a service's health is judged; without one, a service is healthy when it listens on what its forwards target.</summary>
/// <param name="Interval">From one answer to the next question, once it was healthy.</param>
/// <param name="Timeout">How long an answer may take.</param>
/// <param name="Retries">Failures in a row that make it unhealthy, 1 or more.</param>
/// <param name="StartPeriod">How long after its start failures do not count.</param>
/// <param name="StartInterval">From one answer to the next question before it was healthy for the first time.</param>
public sealed record HealthcheckSpec(
    ProbeSpec Probe, TimeSpan Interval, TimeSpan Timeout, int Retries, TimeSpan StartPeriod, TimeSpan StartInterval)
{
    /// <summary>How long an instance may take to be healthy for the first time.</summary>
    public TimeSpan LongestStart => StartPeriod + (Interval * Retries);

    /// <summary>The usual times of compose, with a probe.</summary>
    public static HealthcheckSpec Of(ProbeSpec probe) => new(
        probe,
        Interval: TimeSpan.FromSeconds(30),
        Timeout: TimeSpan.FromSeconds(30),
        Retries: 3,
        StartPeriod: TimeSpan.Zero,
        StartInterval: TimeSpan.FromSeconds(5));
}
