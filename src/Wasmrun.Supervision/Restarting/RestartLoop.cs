using Polly;
using Polly.Retry;
using Wasmrun.Manifest.Specs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Restarting;

/// <summary>
/// Runs a service's instances one after the other as the restart policy says. A streak of short runs is one execution of a
/// retry pipeline, with its growing delay and its bound; a run that lasted for the policy's window ends the streak, and
/// its end opens the next one.
/// </summary>
/// <param name="policy">The policy in force, asked after every run: it can change while an instance runs.</param>
/// <param name="restarting">Told before each delay: how the run ended, which attempt of the streak follows, and after how long.</param>
internal sealed class RestartLoop(Func<RestartSpec> policy, TimeProvider time, Action<RunEnd, int, TimeSpan> restarting)
{
    /// <summary>What the retry strategy accepts as a delay.</summary>
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromDays(1);

    /// <summary>For an end that opens a streak: however short the window is, it is the first failure of the new streak.</summary>
    private static readonly TimeSpan s_notStable = TimeSpan.MinValue;

    /// <summary>Runs until an end is to be left at that.</summary>
    /// <returns>The last end, and whether it was given up because the restarts are used up.</returns>
    /// <exception cref="OperationCanceledException">Cancelled during a delay.</exception>
    public async Task<(RunEnd End, bool GaveUp)> RunAsync(Func<CancellationToken, Task<RunEnd>> runOnce, CancellationToken token)
    {
        RunEnd? opening = null;
        while (true)
        {
            var inForce = policy();
            var end = await RunStreakAsync(inForce, opening, runOnce, token);
            if (!Wants(policy(), end))
            {
                return (end, false);
            }

            if (policy() == inForce && (end.Ran < inForce.Window || inForce.MaxAttempts == 0))
            {
                return (end, true);
            }

            opening = end;
        }
    }

    /// <summary>Whether the policy starts another instance after such an end, as long as there are restarts left.</summary>
    public static bool Wants(RestartSpec policy, RunEnd end) => !end.WasStopped && policy.Policy switch
    {
        RestartPolicy.No => false,
        RestartPolicy.Always or RestartPolicy.UnlessStopped => true,
        RestartPolicy.OnFailure => end.IsFailure,
        _ => throw new NotSupportedException($"no rule for {policy.Policy}"),
    };

    private async Task<RunEnd> RunStreakAsync(
        RestartSpec inForce, RunEnd? opening, Func<CancellationToken, Task<RunEnd>> runOnce, CancellationToken token)
    {
        if (inForce.MaxAttempts == 0 || inForce.Policy == RestartPolicy.No)
        {
            return opening is null ? await runOnce(token) : opening with { Ran = s_notStable };
        }

        return await Pipeline(inForce).ExecuteAsync(
            async cancellation =>
            {
                if (opening is { } former)
                {
                    opening = null;
                    return former with { Ran = s_notStable };
                }

                return await runOnce(cancellation);
            },
            token);
    }

    private ResiliencePipeline<RunEnd> Pipeline(RestartSpec inForce) => new ResiliencePipelineBuilder<RunEnd> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<RunEnd>
        {
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { } end && end.Ran < inForce.Window && policy() == inForce && Wants(inForce, end)),
            MaxRetryAttempts = inForce.MaxAttempts ?? int.MaxValue,
            BackoffType = inForce.Backoff switch
            {
                BackoffKind.Constant => DelayBackoffType.Constant,
                BackoffKind.Linear => DelayBackoffType.Linear,
                BackoffKind.Exponential => DelayBackoffType.Exponential,
                _ => throw new NotSupportedException($"no delay for {inForce.Backoff}"),
            },
            Delay = Shorter(inForce.Delay, s_longestDelay),
            MaxDelay = Shorter(inForce.MaxDelay, s_longestDelay),
            UseJitter = inForce.Jitter,
            OnRetry = arguments =>
            {
                restarting(arguments.Outcome.Result!, arguments.AttemptNumber + 1, arguments.RetryDelay);
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
