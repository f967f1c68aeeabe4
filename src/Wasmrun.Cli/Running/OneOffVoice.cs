using System.Threading.Channels;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Rendering.Progress;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Running;

/// <summary>
/// What is said on the error stream while an instance runs once: how what it depends on comes up, until it begins itself, and afterwards
/// what its output and its exit code do not tell.
/// </summary>
/// <param name="dependencies">What it depends on, directly or not.</param>
internal sealed class OneOffVoice(CommandScope scope, IReadOnlySet<string> dependencies)
{
    private readonly Announcer _announcer = new(scope.Screen, scope.Environment.Time);
    private readonly Channel<StackEvent> _progress = Channel.CreateUnbounded<StackEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _shown = Task.CompletedTask;
    private long _seen;
    private bool _isShowing;

    /// <summary>The name of the instance, as soon as it has one.</summary>
    internal string? Name { get; set; }

    /// <summary>Says what is to be said until there are no more events.</summary>
    internal async Task RunAsync(IAsyncEnumerable<StackEvent> events, LogPump logs)
    {
        var voice = _announcer.RunAsync(logs);
        try
        {
            await foreach (var happened in events)
            {
                Take(happened);
            }
        }
        finally
        {
            await BeginAsync();
            _announcer.Complete();
            await voice;
        }
    }

    /// <summary>The terminal is the instance's from the return on.</summary>
    internal Task BeginAsync()
    {
        _progress.Writer.TryComplete();
        lock (_gate)
        {
            return _shown;
        }
    }

    /// <summary>Waits until an event was read, and all before it.</summary>
    internal async Task UntilAsync(long sequence, CancellationToken token)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_seen >= sequence)
                {
                    return;
                }

                moved = _moved.Task;
            }

            await moved.WaitAsync(token);
        }
    }

    private void Take(StackEvent happened)
    {
        if (happened.Kind == StackEventKind.Preparing || (happened.Service is { } service && dependencies.Contains(service)))
        {
            Show(happened);
        }
        else if (happened.Service is not null && happened.Service == Name)
        {
            if (happened.Kind is StackEventKind.Started or StackEventKind.Failed or StackEventKind.Exited)
            {
                _progress.Writer.TryComplete();
            }

            if (IsWorthALine(happened))
            {
                _announcer.Say(happened, verbose: false);
            }
        }

        lock (_gate)
        {
            _seen = happened.Sequence;
            _moved.TrySetResult();
            _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The display begins with the first thing to show: an instance that waits for nothing leaves no trace on the terminal.</summary>
    private void Show(StackEvent happened)
    {
        if (_progress.Writer.TryWrite(happened) && !_isShowing)
        {
            lock (_gate)
            {
                _isShowing = true;
                _shown = ProgressDisplays.For(scope.Settings.Progress, scope.Screen).ShowAsync(_progress.Reader.ReadAllAsync());
            }
        }
    }

    /// <summary>An exit code speaks for itself, and of what did not come to run the command's end tells; of a trap or a denial only this.</summary>
    private static bool IsWorthALine(StackEvent happened) => happened.Kind switch
    {
        StackEventKind.Exited => !EventText.WasStopped(happened) && !happened.Cause.StartsWith("exited with code", StringComparison.Ordinal),
        StackEventKind.Failed or StackEventKind.BuildFailed => false,
        _ => true,
    };
}
