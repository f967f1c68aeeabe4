using System.Runtime.CompilerServices;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering.Progress;
using Wasmrun.Control.Api;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Running;

/// <summary>
/// Lets the user watch while a stack is changed: shows the stack's events from before the change until the last one that belongs to
/// it, which the services' status tells, and not a moment longer.
/// </summary>
internal sealed class WatchedChange(CommandScope scope, IStackControl stack)
{
    /// <summary>How long the last events may take to arrive once the change is done.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private long _seen;
    private long _last = long.MaxValue;

    internal async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> change, CancellationToken token)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(token);
        var events = await stack.SubscribeAsync(EventQuery.FromNowOn, watching.Token);
        _seen = Last(await stack.GetServicesAsync(token), orElse: 0);
        var shown = ProgressDisplays.For(scope.Settings.Progress, scope.Screen).ShowAsync(UntilLastAsync(events, watching.Token));
        try
        {
            var outcome = await change(token);
            await FinishAsync(shown, token);
            return outcome;
        }
        finally
        {
            await watching.CancelAsync();
            await shown.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FinishAsync(Task shown, CancellationToken token)
    {
        try
        {
            Interlocked.Exchange(ref _last, Last(await stack.GetServicesAsync(token), orElse: long.MaxValue));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The change was to end the runner; its stream of events ends by itself.
        }

        if (Interlocked.Read(ref _seen) < Interlocked.Read(ref _last))
        {
            await Task.WhenAny(shown, Task.Delay(Patience, scope.Environment.Time, token));
        }
    }

    private static long Last(IReadOnlyList<ServiceStatus> services, long orElse) => services.Count == 0 ? orElse : services.Max(service => service.EventSequence);

    private async IAsyncEnumerable<StackEvent> UntilLastAsync(IAsyncEnumerable<StackEvent> events, [EnumeratorCancellation] CancellationToken token)
    {
        await using var items = events.GetAsyncEnumerator(token);
        while (await MoveNextAsync(items, token))
        {
            yield return items.Current;
            Interlocked.Exchange(ref _seen, items.Current.Sequence);
            if (items.Current.Sequence >= Interlocked.Read(ref _last))
            {
                yield break;
            }
        }
    }

    /// <summary>A runner that ends in the middle of a line ends the display, nothing else.</summary>
    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<StackEvent> items, CancellationToken token)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
