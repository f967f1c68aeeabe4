using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Reconciliation.OneOffs;

/// <summary>
/// An instance that runs once, from the request to its removal. Whoever disposes of this has seen the last of it: it is stopped if it
/// still runs, and nothing is left of it in the stack or on disk.
/// </summary>
public sealed class OneOffRun : IAsyncDisposable
{
    /// <summary>A removal is turned down only together with somebody else's wish that came at the same time.</summary>
    private const int Tries = 5;

    private readonly StackReconciler _stack;
    private readonly ServiceSpec _spec;
    private readonly Task<ApplyResult> _applying;
    private readonly LogReading? _log;
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OneOffRun(StackReconciler stack, ServiceSpec spec, Task<ApplyResult> applying, LogReading? log)
    {
        _stack = stack;
        _spec = spec;
        _applying = applying;
        _log = log;
        Result = RunAsync();
    }

    /// <summary>Done when it is over and removed.</summary>
    public Task<OneOffResult> Result { get; }

    /// <summary>Wishes for the instance; from the return on it can be stopped by its name.</summary>
    /// <param name="manifest">The manifest as it is now.</param>
    /// <param name="build">Run the service's build command even if it was run before.</param>
    public static OneOffRun Begin(StackReconciler stack, StackSpec manifest, ServiceSpec spec, bool build)
    {
        var (applying, log) = stack.RunOnce(manifest, spec, build);
        return new(stack, spec, applying, log);
    }

    /// <summary>What it writes, until it is removed. To be read once.</summary>
    public IAsyncEnumerable<LogPiece> ReadAsync() => _log?.ReadAsync() ?? AsyncEnumerable.Empty<LogPiece>();

    /// <summary>Asks it to end, as somebody who stops it by its name.</summary>
    public void Cancel() => _cancelled.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Cancel();
        await ((Task)Result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_log is not null)
        {
            _stack.DiscardLog(_log);
        }
    }

    private async Task<OneOffResult> RunAsync()
    {
        if (_log is null)
        {
            return new OneOffResult.Refused(await _applying);
        }

        try
        {
            return await FollowAsync();
        }
        finally
        {
            await RemoveAsync();
            _stack.EndLog(_log);
        }
    }

    private async Task<OneOffResult> FollowAsync()
    {
        using var waiting = new CancellationTokenSource();
        var ended = _stack.WaitForAsync(WaitCondition.Ended, [_spec.Name], timeout: null, waiting.Token);
        try
        {
            await Task.WhenAny(_applying, ended, _cancelled.Task);
            if (_applying.IsCompleted && await JudgeAsync() is { } settled)
            {
                return settled;
            }

            await Task.WhenAny(ended, _cancelled.Task);
            return Status is { } status ? Of(status)
                : ended.IsCompletedSuccessfully && await ended is WaitResult.Reached { ExitCodes: var codes } ? Gone(codes.TryGetValue(_spec.Name, out var code) ? code : null)
                : Gone(null);
        }
        finally
        {
            await waiting.CancelAsync();
            await ((Task)ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ServiceStatus? Status => _stack.Snapshot().FirstOrDefault(status => string.Equals(status.Service, _spec.Name, StringComparison.Ordinal));

    /// <summary>What has come of the wish; null when the instance runs, or has run.</summary>
    private async Task<OneOffResult?> JudgeAsync()
    {
        var answer = await _applying;
        if (Status is { Generation: > 0 } or { State: ServicePhase.Failed })
        {
            return null;
        }

        return answer is not ApplyResult.Applied applied ? new OneOffResult.Refused(answer)
            : applied.Failures.FirstOrDefault(failure => string.Equals(failure.Service, _spec.Name, StringComparison.Ordinal)) is { } failure
                ? new OneOffResult.Ended(ServicePhase.Failed, failure.ExitCode, failure.Reason, failure.LastLines, EventSequence: 0)
                : Gone(null);
    }

    private static OneOffResult.Ended Of(ServiceStatus status) => new(
        status.State is ServicePhase.Exited or ServicePhase.Failed ? status.State : ServicePhase.Stopped, status.ExitCode, status.Reason, status.LastLines, status.EventSequence);

    private static OneOffResult.Ended Gone(int? exitCode) => new(ServicePhase.Stopped, exitCode, Reason: null, LastLines: [], EventSequence: 0);

    private async Task RemoveAsync()
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            if (await _stack.RemoveOnceAsync(_spec.Name, CancellationToken.None) is ApplyResult.Applied or ApplyResult.Abandoned)
            {
                break;
            }
        }
    }
}
