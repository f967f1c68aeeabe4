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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Announcer _announcer = new(scope.Screen, scope.Environment.Time);
    private readonly Channel<StackEvent> _progress = Channel.CreateUnbounded<StackEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();

    /// <summary>What was read before it was known of whom to read.</summary>
    private readonly List<StackEvent> _early = [];
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _shown = Task.CompletedTask;
    private long _seen;
    private volatile string? _name;
    private bool _isShowing;

    /// <summary>The name of the instance, as soon as it has one.</summary>
    internal string? Name
    {
        get => _name;
        set
        {
            lock (_gate)
            {
                _name = value;
                _early.ForEach(Take);
                _early.Clear();
            }
        }
    }

    /// <summary>Done when somebody else has stopped the instance, which its output tells only to who reads it to the end.</summary>
    internal Task Stopped => _stopped.Task;

    /// <summary>Says what is to be said until there are no more events and <see cref="End"/> was called.</summary>
    internal async Task RunAsync(IAsyncEnumerable<StackEvent> events, LogPump logs)
    {
        var voice = _announcer.RunAsync(logs);
        try
        {
            await foreach (var happened in events)
            {
                Read(happened);
            }
        }
        finally
        {
            _begun.TrySetResult();
            await BeginAsync(hasBegun: false);

            // Events of a runner that ends may all be read before its answer, by another way, has told of whom they are.
            await _answered.Task;
            _announcer.Complete();
            await voice;
        }
    }

    /// <summary>Whatever the name is going to be, it is known by now.</summary>
    internal void End() => _answered.TrySetResult();

    /// <summary>The terminal is the instance's from the return on.</summary>
    /// <param name="hasBegun">It has, and how it came to that is told; the news of it takes another way here, and may be late.</param>
    internal async Task BeginAsync(bool hasBegun)
    {
        if (hasBegun && !_begun.Task.IsCompleted)
        {
            using var begun = new CancellationTokenSource();
            await Task.WhenAny(_begun.Task, Task.Delay(Patience, scope.Environment.Time, begun.Token));
            await begun.CancelAsync();
            _begun.TrySetResult();
        }

        _progress.Writer.TryComplete();
        Task shown;
        lock (_gate)
        {
            shown = _shown;
        }

        await shown;
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

    private void Read(StackEvent happened)
    {
        lock (_gate)
        {
            if (_name is null && !IsOfWhatItNeeds(happened))
            {
                _early.Add(happened);
            }
            else
            {
                Take(happened);
            }

            _seen = happened.Sequence;
            _moved.TrySetResult();
            _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private bool IsOfWhatItNeeds(StackEvent happened) =>
        happened.Kind == StackEventKind.Preparing || (happened.Service is { } service && dependencies.Contains(service));

    private void Take(StackEvent happened)
    {
        if (IsOfWhatItNeeds(happened))
        {
            Show(happened);
        }
        else if (happened.Service is not null && happened.Service == Name)
        {
            if (happened.Kind is StackEventKind.Started or StackEventKind.Failed or StackEventKind.Exited)
            {
                _progress.Writer.TryComplete();
                _begun.TrySetResult();
            }

            if (happened.Kind == StackEventKind.Stopped || EventText.WasStopped(happened))
            {
                _stopped.TrySetResult();
            }

            if (IsWorthALine(happened))
            {
                _announcer.Say(happened, verbose: false);
            }
        }
    }

    /// <summary>The display begins with the first thing to show: an instance that waits for nothing leaves no trace on the terminal.</summary>
    private void Show(StackEvent happened)
    {
        if (_progress.Writer.TryWrite(happened) && !_isShowing)
        {
            _isShowing = true;
            _shown = Task.Run(() => ProgressDisplays.For(scope.Settings.Progress, scope.Screen).ShowAsync(_progress.Reader.ReadAllAsync()));
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
