using System.Globalization;
using System.Threading.Channels;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Readiness;

/// <summary>
/// Judges one instance's health by what its guest listens on: every port that a forward targets or, without forwards, any port.
/// When that takes long it says what is listened on instead, which is nearly always the mistake.
/// </summary>
/// <param name="targets">The ports that forwards target, asked each time: forwards change while an instance runs.</param>
/// <param name="judges">Whether a state is one that this instance is to be judged in.</param>
/// <param name="isProbed">Something else judges, and only a mistake in the ports is to be told of.</param>
internal sealed class ReadinessWatch(
    IInstance instance, Func<IReadOnlyList<GuestPort>> targets, Func<ServiceState, bool> judges, bool isProbed, ServiceBoard board, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>Long enough for slow starters not to be told on, short enough for somebody who watches.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>For how long it may listen on something else until nobody waits for it any more, as long as a swap waits for the new instance.</summary>
    private static readonly TimeSpan s_hope = TimeSpan.FromSeconds(60);

    /// <summary>For how long it may not listen until the restart policy is asked: as long as three failing checks of the usual interval take.</summary>
    private static readonly TimeSpan s_lossBound = TimeSpan.FromSeconds(90);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly EventBound _told = new(time);
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watching = Task.CompletedTask;
    private long? _lossBegan;
    private string? _mistake;

    /// <summary>Done, with the reason, when the guest has stopped listening on a port that a forward targets and has not begun again for long.</summary>
    public Task<string> Lost => _lost.Task;

    public void Begin() => _watching = RunAsync(_ending.Token);

    /// <summary>Asks for another look. From any thread.</summary>
    public void Look() => _changes.Writer.TryWrite(true);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    private async Task RunAsync(CancellationToken token)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience, time);
            using var hope = new CancellationTokenSource(s_hope, time);
            await JudgeUntilAsync(patience.Token, token);
            Complain();
            await JudgeUntilAsync(hope.Token, token);
            GiveUp();
            await JudgeAsync(token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The instance has ended.
        }
    }

    private async Task JudgeUntilAsync(CancellationToken over, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, over);
        try
        {
            await JudgeAsync(either.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !token.IsCancellationRequested)
        {
            // Long enough.
        }
    }

    private async Task JudgeAsync(CancellationToken token)
    {
        while (true)
        {
            var before = board.Current.Health;
            var loss = isProbed ? null : Judge();
            if (board.Current.Health != before && _told.Next() is { IsTold: false } turn)
            {
                // It listens now and now not; each change is told, so there must not be one for each time.
                await Task.Delay(turn.Left, time, token);
            }

            if (loss is null)
            {
                _lossBegan = null;
                await _changes.Reader.ReadAsync(token);
            }
            else
            {
                await WaitInLossAsync(loss, token);
            }
        }
    }

    /// <summary>Waits for a change, or until the guest has not listened for too long; that is told of once.</summary>
    private async Task WaitInLossAsync(string loss, CancellationToken token)
    {
        var left = s_lossBound - time.GetElapsedTime(_lossBegan ??= time.GetTimestamp());
        if (_lost.Task.IsCompleted || left <= TimeSpan.Zero)
        {
            _lost.TrySetResult(loss);
            await _changes.Reader.ReadAsync(token);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        await Task.WhenAny(Task.Delay(left, time, over.Token), _changes.Reader.WaitToReadAsync(over.Token).AsTask());
        await over.CancelAsync();
        token.ThrowIfCancellationRequested();
        _changes.Reader.TryRead(out _);
    }

    /// <summary>Brings the health up to date.</summary>
    /// <returns>What the guest listened on once and no longer does, in words; null when nothing is lost.</returns>
    private string? Judge()
    {
        var listening = instance.Listening;
        var wanted = targets();
        var missing = wanted.Except(listening).ToList();
        if (missing.Count == 0)
        {
            JudgeComplete(wanted.Count > 0 ? wanted : listening);
            return null;
        }

        board.MoveIf(
            state => judges(state) && state.Health == HealthState.None,
            StackEventKind.Updated,
            $"a forward leads to {string.Join(", ", missing)} now",
            state => state with { Health = HealthState.Starting });
        var loss = $"no longer listens on {string.Join(", ", missing)}";
        board.MoveIf(
            state => judges(state) && state.Health == HealthState.Healthy,
            StackEventKind.Unhealthy,
            loss,
            state => state with { Health = HealthState.Unhealthy });
        return board.Current is var state && judges(state) && state.Health == HealthState.Unhealthy ? loss : null;
    }

    /// <summary>Brings the health of a guest up to date that listens on all it should.</summary>
    /// <param name="served">What it is judged by; nothing when there are neither forwards nor listeners.</param>
    private void JudgeComplete(IReadOnlyList<GuestPort> served)
    {
        if (served.Count > 0)
        {
            board.MoveIf(
                state => judges(state) && state.Health != HealthState.Healthy,
                StackEventKind.Healthy,
                $"listens on {string.Join(", ", served)}",
                state => state with { Health = HealthState.Healthy, NeverBecameHealthy = false, Reason = state.NeverBecameHealthy ? null : ReasonWithoutMistake(state) });
        }
        else
        {
            board.MoveIf(
                state => judges(state) && state.Health != HealthState.None,
                StackEventKind.Updated,
                "listens on no port, and no forward says that it should",
                state => state with { Health = HealthState.None, Reason = ReasonWithoutMistake(state) });
        }
    }

    /// <summary>Whatever else there is to say, now that the mistake in the ports is none any more.</summary>
    private string? ReasonWithoutMistake(ServiceState state) => string.Equals(state.Reason, _mistake, StringComparison.Ordinal) ? null : state.Reason;

    private void Complain()
    {
        if (Mistake(out var attributes) is { } mistake)
        {
            // Where something else judges, nobody would see that it is mended; and that a change could not be made is to stay known.
            _mistake = isProbed ? null : mistake;
            board.MoveIf(judges, StackEventKind.NotListening, mistake, state => state with { Reason = state.Reason ?? _mistake }, attributes);
        }
    }

    /// <summary>Tells whoever waits for it that it listens, but elsewhere; one that listens on nothing yet may only be slow.</summary>
    private void GiveUp()
    {
        if (!isProbed && instance.Listening.Count > 0 && Mistake(out var attributes) is { } mistake)
        {
            board.MoveIf(
                state => judges(state) && state.Health == HealthState.Starting,
                StackEventKind.NotListening,
                mistake,
                state => state with { NeverBecameHealthy = true, Reason = mistake },
                attributes);
        }
    }

    /// <summary>What forwards lead to and the guest does not listen on, in words; null when there is nothing.</summary>
    private string? Mistake(out (string Name, string Value)[] attributes)
    {
        var listening = instance.Listening;
        var missing = targets().Except(listening).ToList();
        attributes = [("missing", Numbers(missing)), ("listening", Numbers(listening))];
        return missing.Count == 0
            ? null
            : $"forwards target {string.Join(", ", missing)}, but the guest listens on {(listening.Count > 0 ? string.Join(", ", listening) : "no port")}";
    }

    private static string Numbers(IEnumerable<GuestPort> ports) => string.Join(',', ports.Select(port => port.Port.ToString(CultureInfo.InvariantCulture)));
}
