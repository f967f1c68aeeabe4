using System.Runtime.CompilerServices;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Manifest.Loading;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Running;

/// <summary>
/// An instance that runs once in its stack, on the terminal as if it were the process itself: its streams untouched, its exit code the
/// process's, and the user's wish for an end passed on.
/// </summary>
internal sealed class OneOffSession(CommandScope scope, IStackControl stack, OneOffVoice voice, ITermination termination)
{
    /// <summary>How long what is to be over at once may take.</summary>
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = scope.Environment.Time;
    private volatile OneOffNews? _last;
    private volatile bool _isOutputClosed;
    private volatile Exception? _failure;
    private volatile string? _outputFailure;
    private bool _isUnread;

    /// <summary>Runs it to its end.</summary>
    /// <param name="manifest">The manifest as this process read it, to show the lines that are spoken of.</param>
    internal async Task<OneOffOutcome> RunAsync(RunRequest request, ManifestResult manifest, CancellationToken token)
    {
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(token);
        var screen = new ExactBytes(scope.Screen);
        var pump = new LogPump(screen, _time);
        var spoken = Task.CompletedTask;
        var shown = ShowAsync(async () =>
        {
            var events = await stack.SubscribeAsync(EventQuery.FromNowOn, listening.Token);
            spoken = TellAsync(() => voice.RunAsync(events, pump));
            await pump.RunAsync<LogPiece>(ReadAsync(request, listening.Token), screen.Add, listening.Token);
        });
        try
        {
            var lastWords = new LastWords(pump, termination, _time);
            await Task.WhenAny(shown, termination.Requested, voice.Stopped);
            if (termination.Requested.IsCompleted && !shown.IsCompleted)
            {
                await EndAsync(shown, lastWords, token);
            }
            else
            {
                _isUnread = !await lastWords.WaitAsync(shown, voice.Stopped);
            }

            if (shown.IsFaulted)
            {
                await shown;
            }

            return await JudgeAsync(manifest, token);
        }
        finally
        {
            voice.End();
            await listening.CancelAsync();
            await Task.WhenAny(Task.WhenAll(shown, spoken), termination.Insisted, Task.Delay(shown.IsCompleted ? LongPatience : _isUnread ? TimeSpan.Zero : Patience, _time, token));
        }
    }

    private async IAsyncEnumerable<LogPiece> ReadAsync(RunRequest request, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var news in stack.RunAsync(request, token))
        {
            switch (news)
            {
                case OneOffNews.Begun begun:
                    voice.Name = begun.Name;
                    break;
                case OneOffNews.Printed { Piece: { Generation: 0 } built }:
                    // What its build command prints is no output of it.
                    yield return built with { Stream = GuestStream.Error };
                    break;
                case OneOffNews.Printed printed:
                    await voice.BeginAsync(hasBegun: true);
                    yield return printed.Piece;
                    break;
                default:
                    _last = news;
                    break;
            }
        }

        await voice.BeginAsync(hasBegun: _last is OneOffNews.Ended { State: ServicePhase.Exited or ServicePhase.Failed });
    }

    /// <summary>Passes on that it is to end, and that it is to end now.</summary>
    private async Task EndAsync(Task shown, LastWords lastWords, CancellationToken token)
    {
        if (voice.Name is not { } name)
        {
            // Nothing to stop yet: that nobody listens any more ends it.
            return;
        }

        var stopping = AskAsync(stack.StopAsync(new ServicesRequest([name]), token));
        if (await Task.WhenAny(stopping, shown, Task.Delay(Patience, _time, token)) != shown && !stopping.IsCompleted && !_isOutputClosed)
        {
            scope.Screen.Tell("Gracefully stopping... (press Ctrl+C again to force)");
        }

        await Task.WhenAny(stopping, termination.Insisted);
        _isUnread = !await lastWords.WaitAsync(shown, termination.Requested);
        if (termination.Insisted.IsCompleted)
        {
            await Task.WhenAny(AskAsync(stack.KillAsync(new ServicesRequest([name]), token)), Task.Delay(LongPatience, _time, token));
            await Task.WhenAny(shown, Task.Delay(Patience, _time, token));
        }
    }

    private async Task<OneOffOutcome> JudgeAsync(ManifestResult manifest, CancellationToken token)
    {
        switch (_last)
        {
            case var _ when _outputFailure is { } failure:
                scope.Replies.TellError(failure);
                return new(ExitCodes.Failure, EndsRunner: false);
            case OneOffNews.Ended ended:
                await Task.WhenAny(voice.UntilAsync(ended.EventSequence, token), Task.Delay(Patience, _time, token));
                return new(CodeOf(ended), ended.EndsRunner);
            case OneOffNews.Answered { Reply: ApplyReply.Abandoned }:
                return OneOffOutcome.NotBegun;
            case OneOffNews.Answered answered:
                return new(scope.Replies.Report(answered.Reply, manifest), answered.EndsRunner);
            case var _ when _isOutputClosed:
                return new(ExitCodes.Success, EndsRunner: false);
            case var _ when termination.Requested.IsCompleted:
                return new(ExitCodes.Interrupted, EndsRunner: false);
            case var _ when _isUnread:
                // Where nobody reads the one stream, nobody may read the other either.
                await Task.WhenAny(Task.Run(TellThatItWasStopped, token), Task.Delay(Patience, _time, token));
                return new(ExitCodes.Failure, EndsRunner: false);
            case var _ when voice.Name is null && _failure is HttpRequestException:
                // An answer begins before the instance does.
                return OneOffOutcome.NotBegun;
            default:
                scope.Replies.TellError($"the runner of the stack ended before {(voice.Name is { } name ? $"'{name}' had" : "it had answered")}");
                return new(ExitCodes.Failure, EndsRunner: false);
        }
    }

    private int CodeOf(OneOffNews.Ended ended)
    {
        switch (ended.State)
        {
            case ServicePhase.Exited:
                return ExitCodes.OfGuest(ended.ExitCode ?? ExitCodes.Success);
            case ServicePhase.Failed:
                scope.Replies.ReportFailures([new ServiceFailure(voice.Name!, ended.Reason ?? "it did not start", ended.ExitCode, ended.LastLines)]);
                return ExitCodes.Failure;
            case var _ when _isOutputClosed:
                return ExitCodes.Success;
            case var _ when termination.Requested.IsCompleted:
                return ExitCodes.Interrupted;
            default:
                TellThatItWasStopped();
                return ExitCodes.Failure;
        }
    }

    private void TellThatItWasStopped() => scope.Replies.TellError($"'{voice.Name}' was stopped before it had ended");

    private async Task ShowAsync(Func<Task> show)
    {
        try
        {
            await Task.Run(show);
        }
        catch (OutputClosedException)
        {
            _isOutputClosed = true;
            termination.Request();
        }
        catch (OutputFailedException failure)
        {
            _outputFailure = failure.Message;
            termination.Request();
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or HttpRequestException or InvalidDataException)
        {
            _failure = error;
        }
    }

    private static async Task TellAsync(Func<Task> tell)
    {
        try
        {
            await Task.Run(tell);
        }
        catch (Exception error) when (error is OperationCanceledException or OutputClosedException or IOException or HttpRequestException or InvalidDataException)
        {
            // The runner ended, the run is over, or nobody reads: the output tells.
        }
    }

    /// <summary>Whether it was heard shows in what becomes of the instance.</summary>
    private static async Task AskAsync(Task<ApplyReply> asking)
    {
        try
        {
            await asking;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or RunnerRefusedException)
        {
            // The runner has ended, and with it the instance.
        }
    }
}
