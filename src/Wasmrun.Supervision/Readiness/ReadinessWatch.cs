using System.Globalization;
using System.Threading.Channels;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Readiness;

/// <summary>
/// Judges one instance's health by what its guest listens on: every port that a forward targets. When that takes long it
/// says what is listened on instead, which is nearly always the mistake.
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

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly CancellationTokenSource _ending = new();
    private Task _watching = Task.CompletedTask;

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
            using var both = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
            try
            {
                await JudgeAsync(both.Token);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested && !token.IsCancellationRequested)
            {
                Complain();
            }

            await JudgeAsync(token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The instance has ended.
        }
    }

    private async Task JudgeAsync(CancellationToken token)
    {
        while (true)
        {
            if (!isProbed)
            {
                Judge();
            }

            await _changes.Reader.ReadAsync(token);
        }
    }

    private void Judge()
    {
        var wanted = targets();
        var missing = wanted.Except(instance.Listening).ToList();
        if (wanted.Count == 0)
        {
            board.MoveIf(
                state => judges(state) && state.Health != HealthState.None,
                StackEventKind.Updated,
                "no forward is left to judge it by",
                state => state with { Health = HealthState.None });
        }
        else if (missing.Count == 0)
        {
            board.MoveIf(
                state => judges(state) && state.Health != HealthState.Healthy,
                StackEventKind.Healthy,
                $"listens on {string.Join(", ", wanted)}",
                state => state with { Health = HealthState.Healthy });
        }
        else
        {
            board.MoveIf(
                state => judges(state) && state.Health == HealthState.None,
                StackEventKind.Updated,
                $"a forward leads to {string.Join(", ", missing)} now",
                state => state with { Health = HealthState.Starting });
            board.MoveIf(
                state => judges(state) && state.Health == HealthState.Healthy,
                StackEventKind.Unhealthy,
                $"no longer listens on {string.Join(", ", missing)}",
                state => state with { Health = HealthState.Unhealthy });
        }
    }

    private void Complain()
    {
        var listening = instance.Listening;
        var missing = targets().Except(listening).ToList();
        if (missing.Count > 0 && board.Current is var state && judges(state))
        {
            var instead = listening.Count > 0 ? $"the guest listens on {string.Join(", ", listening)}" : "the guest listens on no port";
            board.NoteOf(
                state.Generation,
                StackEventKind.NotListening,
                $"forwards target {string.Join(", ", missing)}, but {instead}",
                ("missing", string.Join(',', missing.Select(port => port.Port.ToString(CultureInfo.InvariantCulture)))),
                ("listening", string.Join(',', listening.Select(port => port.Port.ToString(CultureInfo.InvariantCulture)))));
        }
    }
}
