using System.Globalization;
using System.Threading.Channels;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Supervision.Probing;

/// <summary>
/// Asks a probe again and again and draws the conclusions: healthy with the first good answer; unhealthy with so many bad
/// ones in a row or, before the first good one, when the time for the start is over.
/// </summary>
internal sealed class ProbeLoop(HealthcheckSpec healthcheck, IProbe probe, TimeProvider time)
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly long _begun = time.GetTimestamp();
    private bool _wasHealthy;
    private int _failures;

    /// <summary>Asks at once if it was not healthy yet. From any thread.</summary>
    public void Look() => _news.Writer.TryWrite(true);

    /// <summary>Asks until the answers come to something, and from then on until they come to something else.</summary>
    /// <param name="known">What they came to last; null at the start.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<ProbeVerdict> NextAsync(ProbeVerdict? known, CancellationToken token)
    {
        while (true)
        {
            if (known is not null)
            {
                await PauseAsync(token);
            }

            var problem = await AskAsync(token);
            if (Judge(problem) is { } verdict && verdict.IsHealthy != known?.IsHealthy)
            {
                return verdict;
            }

            if (known is null)
            {
                await PauseAsync(token);
            }
        }
    }

    private ProbeVerdict? Judge(string? problem)
    {
        if (problem is null)
        {
            (_wasHealthy, _failures) = (true, 0);
            return new(null);
        }

        _failures++;
        return (_wasHealthy ? _failures >= healthcheck.Retries : time.GetElapsedTime(_begun) >= healthcheck.LongestStart)
            ? new(problem)
            : null;
    }

    private async Task<string?> AskAsync(CancellationToken token)
    {
        using var late = new CancellationTokenSource(healthcheck.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(token, late.Token);
        try
        {
            return await probe.AskAsync(both.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !token.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"did not answer within {healthcheck.Timeout.TotalSeconds} s");
        }
    }

    private async Task PauseAsync(CancellationToken token)
    {
        var pause = _wasHealthy || healthcheck.StartInterval > healthcheck.Interval ? healthcheck.Interval : healthcheck.StartInterval;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        var delay = Task.Delay(pause, time, over.Token);
        await (_wasHealthy ? delay : Task.WhenAny(delay, _news.Reader.ReadAsync(over.Token).AsTask()));
        await over.CancelAsync();
        token.ThrowIfCancellationRequested();
    }
}
