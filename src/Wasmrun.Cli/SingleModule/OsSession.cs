using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Running;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Loading;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.SingleModule;

/// <summary>One guest on the terminal as if it were the process itself: its streams untouched, its exit code the process's.</summary>
internal sealed class OsSession(CommandScope scope, IStackControl stack, bool verbose, bool watch, ITermination termination)
{
    /// <summary>How long what is to be over at once may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long what was told to leave off may take to do so.</summary>
    private static readonly TimeSpan Briefly = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = scope.Environment.Time;
    private volatile string? _outputFailure;

    /// <summary>Runs until the guest has ended and is not to be restarted, or the user wants an end.</summary>
    internal async Task<int> RunAsync(Func<CancellationToken, Task<ApplyReply>> apply, ManifestResult manifest, CancellationToken token)
    {
        using var showing = CancellationTokenSource.CreateLinkedTokenSource(token);
        var happenings = await stack.SubscribeAsync(EventQuery.FromNowOn, showing.Token);
        var pump = new LogPump(new ExactBytes(scope.Screen), _time);
        var query = new LogQuery { Follow = true, Since = _time.GetUtcNow(), Hold = LogHold.InMemory };
        var lines = stack.ReadLogsAsync(query, showing.Token);
        var logs = ShowAsync(() => pump.RunAsync(lines, showing.Token));
        var events = ShowAsync(() => TellAsync(happenings, pump));
        var patience = Briefly;
        try
        {
            var applying = apply(token);
            await Task.WhenAny(applying, termination.Requested);
            var code = applying.IsCompleted ? await FinishAsync(await applying, manifest, token) : ExitCodes.Success;
            await TakeDownAsync(token);
            patience = await new LastWords(pump, termination, _time).WaitAsync(Task.WhenAll(logs, events), termination.Requested) ? Briefly : TimeSpan.Zero;
            if (_outputFailure is { } failure)
            {
                scope.Replies.TellError(failure);
                return ExitCodes.Failure;
            }

            return termination.Insisted.IsCompleted ? ExitCodes.Interrupted : code;
        }
        finally
        {
            await showing.CancelAsync();
            await Task.WhenAny(Task.WhenAll(logs, events), termination.Insisted, Task.Delay(patience, _time, token));
        }
    }

    private async Task<int> FinishAsync(ApplyReply reply, ManifestResult manifest, CancellationToken token)
    {
        var code = scope.Replies.Report(reply, manifest);
        if (reply is not ApplyReply.Applied)
        {
            return code;
        }

        await TellPlacesAsync(token);
        if (watch)
        {
            // The end of the guest is not the end of the work on it.
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(token);
            var watched = ShowAsync(() => stack.WatchAsync(new WatchRequest(Source: null, new ApplyOptions()), watching.Token));
            await Task.WhenAny(watched, termination.Requested);
            await watching.CancelAsync();
            await watched;
            return ExitCodes.Success;
        }

        var ended = stack.WaitAsync(new WaitRequest(WaitCondition.Ended, [], Timeout: null), token);
        if (await Task.WhenAny(ended, termination.Requested) == termination.Requested)
        {
            return ExitCodes.Success;
        }

        await ended;
        var services = await stack.GetServicesAsync(token);
        return services is [{ ExitCode: { } exitCode }] ? ExitCodes.OfGuest(exitCode)
            : services.Any(service => service.State == ServicePhase.Failed) ? ExitCodes.Failure
            : ExitCodes.Success;
    }

    private async Task TellPlacesAsync(CancellationToken token)
    {
        foreach (var place in Reachability.Of((await stack.GetServicesAsync(token)).SelectMany(service => service.Publishers)))
        {
            scope.Screen.Tell(place.ForPeople());
        }
    }

    private async Task TakeDownAsync(CancellationToken token)
    {
        var down = stack.DownAsync(new DownOptions(Volumes: false, GracePeriod: null), token);
        if (await Task.WhenAny(down, termination.Insisted) == termination.Insisted)
        {
            await Task.WhenAny(stack.KillAsync(new ServicesRequest([]), token), Task.Delay(Patience, _time, token));
            await Task.WhenAny(down, Task.Delay(Patience, _time, token));
            return;
        }

        await down;
    }

    private async Task TellAsync(IAsyncEnumerable<StackEvent> happenings, LogPump pump)
    {
        var announcer = new Announcer(scope.Screen, _time);
        var voice = announcer.RunAsync(pump);
        await foreach (var happened in happenings)
        {
            if (verbose || IsWorthALine(happened))
            {
                announcer.Say(happened, verbose);
            }
        }

        announcer.Complete();
        try
        {
            await voice;
        }
        catch (OutputFailedException)
        {
            // The exit code is the guest's, whether or not it could be told what else there is to say.
        }
    }

    /// <summary>An exit code speaks for itself; a trap, a restart or a denial does not.</summary>
    private bool IsWorthALine(StackEvent happened) =>
        happened.Kind != StackEventKind.Exited || watch || !happened.Cause.StartsWith("exited with code", StringComparison.Ordinal);

    private async Task ShowAsync(Func<Task> show)
    {
        try
        {
            await Task.Run(show);
        }
        catch (OutputClosedException)
        {
            termination.Request();
        }
        catch (OutputFailedException failure)
        {
            _outputFailure = failure.Message;
            termination.Request();
        }
        catch (OperationCanceledException)
        {
            // The session is over.
        }
    }
}
