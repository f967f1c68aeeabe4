using Wasmrun.Sandbox.Engine;

namespace Wasmrun.Sandbox;

/// <summary>
/// One guest: a thread, a memory of its own, and nothing shared with another instance but the compiled code. It runs once.
/// All members may be used from any thread.
/// </summary>
public sealed class SandboxInstance : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<InstanceExit> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SandboxEngine _engine;
    private readonly InstanceOptions _options;
    private readonly GuestRun _run;
    private Thread? _thread;
    private bool _started;
    private bool _isTerminating;
    private bool _stopping;
    private bool _isShared;
    private int _clockUsers;

    internal SandboxInstance(CompiledModule module, SandboxEngine engine, InstanceOptions options)
    {
        Module = module;
        _engine = engine;
        _options = options;
        _run = new(module.Code, options, engine.Time, _begun.SetResult);
    }

    public string Name => _options.Name;

    public CompiledModule Module { get; }

    /// <summary>Processor time that the guest, and the host functions it called, have used so far.</summary>
    public TimeSpan ProcessorTime => _run.ProcessorTime;

    /// <summary>The size of the guest's memory; 0 before it runs and after it has ended.</summary>
    public long MemoryBytes => _run.MemoryBytes;

    /// <summary>What the guest's files took in memory when it ended.</summary>
    internal long TemporaryBytes => _run.TemporaryBytes;

    /// <summary>Ends when the guest runs, and never does for one that could not be run.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Ends, and never fails, when the guest has ended and everything it held is released.</summary>
    public Task<InstanceExit> Completion => _completion.Task;

    /// <summary>Runs the guest on its own thread and returns at once. After <see cref="Stop"/> it does nothing.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public void Start()
    {
        lock (_gate)
        {
            if (_started)
            {
                throw new InvalidOperationException($"instance '{Name}' was started before");
            }

            _started = true;
            if (_stopping)
            {
                return;
            }

            _engine.Enter(this);
            HoldToShare(_options.Limits);
            StartThread();
        }
    }

    /// <summary>
    /// Bounds memory and processor anew while the guest runs. Memory that it has it keeps, and cannot add to it beyond the bound;
    /// what bounds descriptors and output stays as it was.
    /// </summary>
    public void Adjust(InstanceLimits limits)
    {
        lock (_gate)
        {
            _run.Adjust(limits);
            if (_thread is not null && !Completion.IsCompleted)
            {
                HoldToShare(limits);
                _engine.Clock.Tick();
            }
        }
    }

    /// <summary>Whether the guest has said that it ends by itself when it is asked to.</summary>
    public bool IsTerminable => _options.Network.Stop.Termination.IsListening;

    /// <summary>Asks the guest to end by itself and returns at once; one that does not listen for that runs on.</summary>
    public void Terminate()
    {
        lock (_gate)
        {
            if (_options.Network.Stop.Termination.Request() && !_isTerminating && _thread is not null && !Completion.IsCompleted)
            {
                // One that computes is told when it looks up, until it has taken it.
                _isTerminating = true;
                UseClock();
            }
        }
    }

    /// <summary>Tells the guest to stop and returns at once. Any number of times, before, during and after the run.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_stopping || Completion.IsCompleted)
            {
                return;
            }

            _stopping = true;
            _options.Network.Stop.Request();
            if (_thread is null)
            {
                _completion.TrySetResult(new InstanceExit.Stopped());
                return;
            }

            // A guest that is just looking up sets its next deadline after this tick, so the clock ticks until it has ended.
            _engine.Clock.Tell(_run.Stop);
            UseClock();
            _engine.Clock.Tick();
        }
    }

    /// <summary>Stops the guest and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await Completion;
        Join();
    }

    /// <summary>Waits until the guest's thread has ended.</summary>
    internal void Join() => _thread?.Join();

    private void StartThread()
    {
        var thread = new Thread(Run, EngineSettings.ThreadStackBytes) { IsBackground = true, Name = Name };
        try
        {
            thread.Start();
            _thread = thread;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            End(new InstanceExit.Failed($"the system gives no thread to run it on: {e.Message}; check the limits on processes and memory"));
        }
    }

    /// <summary>A guest with a share of a core looks up now and then, from the first time that it has one.</summary>
    private void HoldToShare(InstanceLimits limits)
    {
        if (!_isShared && GuestRun.NeedsClock(limits))
        {
            _isShared = true;
            UseClock();
        }
    }

    private void UseClock()
    {
        _clockUsers++;
        _engine.Clock.Acquire();
    }

    private void Run() => End(_run.Run());

    private void End(InstanceExit exit)
    {
        lock (_gate)
        {
            _engine.Clock.Forget(_run.Stop);
            for (; _clockUsers > 0; _clockUsers--)
            {
                _engine.Clock.Release();
            }

            _completion.TrySetResult(exit);
        }

        _engine.Leave(this);
    }
}
