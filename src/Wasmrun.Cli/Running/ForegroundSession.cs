using System.Buffers;
using System.Globalization;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Manifest.Loading;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Cli.Running;

/// <summary>
/// A stack on the terminal from its start to its end: brings it up, shows what its guests print and what happens to it, and takes it
/// down when the user says so, when the output is closed, or when nothing of it runs any more.
/// </summary>
internal sealed class ForegroundSession(CommandScope scope, IStackControl stack, ForegroundOptions options, ITermination termination)
{
    /// <summary>How long what is to be over at once may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long what was told to leave off may take to do so.</summary>
    private static readonly TimeSpan Briefly = TimeSpan.FromSeconds(1);

    private readonly Screen _screen = scope.Screen;
    private readonly TimeProvider _time = scope.Environment.Time;
    private readonly Announcer _announcer = new(scope.Screen, scope.Environment.Time);
    private readonly TaskCompletionSource _askedElsewhere = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when what was asked for has ended, and its runner is to go on.</summary>
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JoinedStack? _joined;
    private bool _isEndOfAll;
    private volatile bool _eventsEndedWell;
    private volatile string? _outputFailure;

    /// <summary>Runs until the stack is down, or could not be brought up.</summary>
    /// <param name="manifest">For the names and colours of the services, and to show the lines that are spoken of.</param>
    /// <param name="runnerEnds">Done when the stack's runner ends without having been asked to by this session; null when it is another process.</param>
    /// <returns>The exit code.</returns>
    internal async Task<int> RunAsync(
        Func<CancellationToken, Task<ApplyReply>> apply, ManifestResult manifest, Task? runnerEnds, CancellationToken token)
    {
        using var showing = CancellationTokenSource.CreateLinkedTokenSource(token);
        var happenings = await stack.SubscribeAsync(EventQuery.FromNowOn, showing.Token);
        var pump = new LogPump(new RenderedLines(_screen, Render(manifest)), _time);
        var query = new LogQuery { Services = options.Services, Follow = true, Since = _time.GetUtcNow(), Hold = LogHold.Stored };
        _joined = runnerEnds is null ? new JoinedStack(stack, options.Services) : null;
        var lines = _joined is null ? stack.ReadLogsAsync(query, showing.Token) : new JoinedLogs(stack, query, _over.Task).ReadAsync(showing.Token);
        var logs = ShowAsync(() => pump.RunAsync(lines, showing.Token));
        var events = ShowAsync(() => AnnounceAsync(happenings));
        var voice = ShowAsync(() => _announcer.RunAsync(pump));
        var patience = Briefly;
        try
        {
            var code = await BringUpAsync(apply, manifest, token);
            if (code is null)
            {
                code = await WatchAsync(runnerEnds, events, token);
                await (_over.Task.IsCompleted ? _joined!.LeaveAsync(options.GracePeriod, token) : TakeDownAsync(token));
                var askedElsewhere = runnerEnds is null ? _askedElsewhere.Task : Task.WhenAny(runnerEnds, _askedElsewhere.Task);
                var shown = _over.Task.IsCompleted ? logs : Task.WhenAll(logs, events);
                patience = await new LastWords(pump, termination, _time).WaitAsync(shown, askedElsewhere) ? Briefly : TimeSpan.Zero;
                SayWhatRunsOn();
            }

            if (_outputFailure is { } failure)
            {
                _announcer.Say($"{_screen.ErrorColors.Error("error:")} {failure}");
                patience = Briefly;
                return ExitCodes.Failure;
            }

            return termination.Insisted.IsCompleted ? ExitCodes.Interrupted : code.Value;
        }
        finally
        {
            _announcer.Complete();
            await showing.CancelAsync();
            await Task.WhenAny(Task.WhenAll(logs, events, voice), termination.Insisted, Task.Delay(patience, _time, token));
        }
    }

    /// <summary>Null when the stack is up, or on its way while the user wants an end already; otherwise the exit code.</summary>
    private async Task<int?> BringUpAsync(Func<CancellationToken, Task<ApplyReply>> apply, ManifestResult manifest, CancellationToken token)
    {
        var applying = apply(token);
        if (await Task.WhenAny(applying, termination.Requested) != applying)
        {
            return null;
        }

        var reply = await applying;
        scope.Replies.ReportOrphans(reply);
        var code = scope.Replies.Report(reply, manifest);
        if (reply is not ApplyReply.Applied applied)
        {
            return code;
        }

        _joined?.Join(applied);

        var project = await stack.GetProjectAsync(token);
        var services = await stack.GetServicesAsync(token);
        _announcer.Say(StartBlock.Lines(project.Name, services, "Press Ctrl+C to stop", _screen.ErrorColors));
        return null;
    }

    /// <summary>Until somebody wants an end, nothing runs any more, or the runner of the stack is gone.</summary>
    private async Task<int> WatchAsync(Task? runnerEnds, Task events, CancellationToken token)
    {
        if (termination.Requested.IsCompleted)
        {
            return ExitCodes.Success;
        }

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(token);
        var watch = options.Watch is { } request ? ShowAsync(() => WatchFilesAsync(request, watching.Token)) : Task.CompletedTask;
        var early = new EarlyEnd(stack, options.End);
        var ended = EndAsync(early, token);
        await Task.WhenAny(ended, runnerEnds ?? _askedElsewhere.Task, events, termination.Requested);
        await watching.CancelAsync();
        await watch;
        if (termination.Requested.IsCompleted)
        {
            return ExitCodes.Success;
        }

        if (!ended.IsCompletedSuccessfully)
        {
            await Task.WhenAny(runnerEnds ?? _askedElsewhere.Task, events, Task.Delay(Patience, _time, token));
            var asked = runnerEnds is { IsCompleted: true } || _eventsEndedWell;
            _askedElsewhere.TrySetResult();
            _announcer.Say(asked ? "the stack was taken down by another command" : $"{_screen.ErrorColors.Error("error:")} the runner of the stack ended unexpectedly");
            return asked ? ExitCodes.Success : ExitCodes.Failure;
        }

        await LookAroundAsync(token);
        return await ended;
    }

    /// <summary>Whether another command has ended what is run elsewhere, and whether anything of it is to run on.</summary>
    private async Task LookAroundAsync(CancellationToken token)
    {
        if (_joined is null)
        {
            return;
        }

        await _joined.LookAsync(token);
        if (_joined.WasStopped)
        {
            _askedElsewhere.TrySetResult();
        }

        if (!_isEndOfAll && _joined.Others.Count > 0)
        {
            _over.TrySetResult();
        }
    }

    /// <summary>The stack goes on without being watched when that fails, but not without saying so.</summary>
    private async Task WatchFilesAsync(WatchRequest request, CancellationToken token)
    {
        try
        {
            await stack.WatchAsync(request, token);
        }
        catch (Exception failure) when (failure is RunnerRefusedException or UnauthorizedAccessException or InvalidOperationException)
        {
            _announcer.Say($"{_screen.ErrorColors.Error("error:")} files are no longer watched: {failure.Message}");
        }
    }

    /// <summary>Until the run is over by itself; gives its exit code.</summary>
    private async Task<int> EndAsync(EarlyEnd early, CancellationToken token)
    {
        var services = await stack.GetServicesAsync(token);
        var first = options.End.EndsEarly
            ? await early.WaitAsync(options.Services.Count > 0 ? options.Services : [.. services.Where(service => service.OneOffOf is null).Select(service => service.Service).Distinct(StringComparer.Ordinal)], token)
            : null;
        if (first is not null)
        {
            _isEndOfAll = true;
            _announcer.Say($"stopping, because '{first.Service}' ended");
        }
        else
        {
            await stack.WaitAsync(new WaitRequest(WaitCondition.Ended, options.Services, Timeout: null), token);
            if (options.Watch is not null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            }
        }

        if (first is null && options.End.ExitCodeFrom is null)
        {
            return (await stack.GetServicesAsync(token)).Any(service => service.OneOffOf is null && EarlyEnd.IsFailure(service)) ? ExitCodes.Failure : ExitCodes.Success;
        }

        var (code, complaint) = await early.ExitCodeAsync(first, token);
        _announcer.Say(complaint is null ? [] : [$"{_screen.ErrorColors.Error("error:")} {complaint}"]);
        return code;
    }

    private void SayWhatRunsOn()
    {
        if (_over.Task.IsCompleted)
        {
            _announcer.Say($"still running: {string.Join(", ", _joined!.Others)}; 'wasmrun down' stops the stack");
        }
    }

    private async Task TakeDownAsync(CancellationToken token)
    {
        _announcer.BeginEnding();
        var down = DownAsync(token);
        if (termination.Requested.IsCompleted && !down.IsCompleted)
        {
            _announcer.Say(string.Empty, "Gracefully stopping... (press Ctrl+C again to force)");
        }

        if (await Task.WhenAny(down, termination.Insisted) == termination.Insisted)
        {
            await Task.WhenAny(stack.KillAsync(new ServicesRequest([]), token), Task.Delay(Patience, _time, token));
        }

        await (termination.Insisted.IsCompleted ? Task.WhenAny(down, Task.Delay(Patience, _time, token)) : down);
    }

    private async Task DownAsync(CancellationToken token)
    {
        try
        {
            var report = await stack.DownAsync(new DownOptions(Volumes: false, options.GracePeriod), token);
            _announcer.Say(report.Leftovers.Select(leftover => $"{_screen.ErrorColors.Error("error:")} left behind: {leftover}"));
        }
        catch (HttpRequestException)
        {
            // Another command was quicker, and the runner is gone.
        }
    }

    private async Task AnnounceAsync(IAsyncEnumerable<StackEvent> happenings)
    {
        await foreach (var happened in happenings)
        {
            _announcer.Say(happened, verbose: false);
        }

        _eventsEndedWell = true;
    }

    /// <summary>A closed output, or one that takes no more, ends the run in good order; that nothing more comes ends only the showing.</summary>
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
        catch (Exception error) when (error is OperationCanceledException or IOException or HttpRequestException)
        {
            // The stack's runner ended, or this run has.
        }
    }

    private Action<LogLine, IBufferWriter<byte>> Render(ManifestResult manifest)
    {
        var renderer = Renderer(manifest);
        return options.Attach.Count == 0 && options.NoAttach.Count == 0 ? renderer.Render : (line, to) =>
        {
            if ((options.Attach.Count == 0 || options.Attach.Contains(line.Service, StringComparer.Ordinal))
                && !options.NoAttach.Contains(line.Service, StringComparer.Ordinal))
            {
                renderer.Render(line, to);
            }
        };
    }

    private LogRenderer Renderer(ManifestResult manifest) => new(
        manifest.Stack?.Services.Select(service => (service.Name, string.Create(CultureInfo.InvariantCulture, $"{service.Name}-{Math.Max(service.Replicas, 1)}"))) ?? [],
        options.Style,
        options.Colors ? _screen.OutputColors : Palette.None,
        _screen.OutputIsTerminal);
}
