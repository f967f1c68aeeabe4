using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Modules;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Sandbox.Engine;

/// <summary>
/// One guest from its first instruction to its last, all of it on the instance's own thread: the store is made, used and
/// freed here, because freeing it while the guest is still in a call would take the whole process down.
/// </summary>
/// <param name="begins">Called when everything that the guest is to have is there, and it runs.</param>
internal sealed unsafe class GuestRun(ModuleCode code, InstanceOptions options, TimeProvider time, Action begins)
{
    private const int Tables = 16;
    private const uint MostTableElements = 1_000_000;
    private const int TableElementSize = 8;

    private readonly StopSignal _stop = options.Network.Stop;
    private readonly Lock _observing = new();
    private volatile InstanceLimits _limits = options.Limits;
    private InstanceLimits _inForce = options.Limits;
    private Memory? _memory;
    private Action? _interrupt;
    private ThreadClock? _processor;
    private CpuShare? _share;
    private long _processorAtEnd;

    /// <summary>Processor time that the guest has used so far, or in all when it has ended. From any thread.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            var now = Volatile.Read(ref _processor)?.Nanoseconds ?? 0;
            return TimeSpan.FromTicks(Math.Max(now, Volatile.Read(ref _processorAtEnd)) / TimeSpan.NanosecondsPerTick);
        }
    }

    /// <summary>The size of the guest's memory; 0 before it runs and after it has ended. From any thread.</summary>
    public long MemoryBytes
    {
        get
        {
            // The engine reads the length atomically; the lock keeps the store alive meanwhile.
            lock (_observing)
            {
                return _memory?.GetLength() ?? 0;
            }
        }
    }

    /// <summary>What the guest's files took in memory when it ended.</summary>
    public long TemporaryBytes { get; private set; }

    /// <summary>Whether the guest has to look up now and then to be held to its share of a core.</summary>
    public static bool NeedsClock(InstanceLimits limits) => limits.Cpus is { } cpus and < 1 && cpus > 0;

    /// <summary>
    /// Holds the guest to other bounds of memory and processor, as soon as it looks up. Memory that it has it keeps. From any thread.
    /// </summary>
    public void Adjust(InstanceLimits limits) => _limits = limits;

    /// <summary>Sets the flag that a guest looks at by itself, when it has been told to stop. From any thread, any number of times.</summary>
    public void Stop()
    {
        lock (_observing)
        {
            if (code.Interruption == Interruption.ByStopFlag && _memory is { } memory && _stop.IsRequested)
            {
                Volatile.Write(ref *(int*)(memory.GetPointer() + StopFlag.Address), 1);
            }
        }
    }

    public InstanceExit Run()
    {
        var signalStack = SignalStack.Current();
        try
        {
            Volatile.Write(ref _processor, new());
            return _limits.MemoryBytes is { } limit && code.InitialMemory > limit
                ? new InstanceExit.Failed($"the guest needs {Mebibytes(code.InitialMemory)} of memory from its start, and its limit is {Mebibytes(limit)}; raise the memory limit")
                : RunGuest();
        }
        catch (Exception e)
        {
            return TrapReport.ExitOf(e);
        }
        finally
        {
            signalStack.FreeIfReplaced();
            Volatile.Write(ref _processorAtEnd, _processor?.Nanoseconds ?? 0);
            Volatile.Write(ref _processor, null);
        }
    }

    private static string Mebibytes(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.##} MiB");

    private InstanceExit RunGuest()
    {
        var output = Output();
        using var host = new WasiHost(new WasiOptions
        {
            Arguments = options.Arguments,
            Environment = options.Environment,
            Mounts = options.Mounts,
            Network = options.Network,
            Output = output,
            StandardInput = options.StandardInput,
            DescriptorLimit = options.Limits.Descriptors,
            MemoryLimit = options.Limits.MemoryBytes ?? long.MaxValue,
            Time = time,
            Resolver = options.Resolver ?? PathResolvers.Default,
        });
        host.Open();
        using var store = CreateStore();
        var driver = options.Driver?.Invoke();
        var instance = Instantiate(store, host, driver);
        host.Attach(instance);
        if (options.Far.Count > 0)
        {
            FarLink.Attach(store, instance, options.Far, code.Engine, host, _stop);
        }

        Observe(instance.GetMemory(ModuleInterface.Memory));
        begins();
        try
        {
            return driver is null ? Start(instance) : Drive(driver, new(store, instance, options, options.Network, host.Files(), output, time, () => host.UnrepeatableCalls, () => LookUp(store)));
        }
        finally
        {
            options.Network.NoteEnd();
            TemporaryBytes = host.TemporaryBytes;

            // Nobody may look at it when the store is gone.
            Observe(null);
        }
    }

    private InstanceExit Start(Instance instance)
    {
        var start = instance.GetAction(ModuleInterface.Start) ?? throw new InvalidOperationException("the start function is gone");
        try
        {
            start();
            return new InstanceExit.Exited(0);
        }
        catch (WasmtimeException e)
        {
            return WithMemory(ExitOf(e), instance);
        }
    }

    private InstanceExit Drive(IGuestDriver driver, DrivenGuest guest)
    {
        _interrupt = () => driver.Interrupt(guest);
        try
        {
            return new InstanceExit.Exited(driver.Run(guest));
        }
        catch (WasmtimeException e)
        {
            return WithMemory(ExitOf(e), guest.Instance);
        }
    }

    private Store CreateStore()
    {
        var store = new Store(code.Engine);
        Enforce(store, _limits);
        if (code.Interruption == Interruption.ByEpoch)
        {
            store.SetEpochDeadline(1);
            store.SetEpochDeadlineCallback(LookUp);
        }

        // A stop from now on moves the epoch beyond the deadline; one from before is seen here.
        _stop.ThrowIfRequested();
        return store;
    }

    /// <summary>The linker is gone before the guest runs: the instance holds the functions that it imports.</summary>
    private Instance Instantiate(Store store, WasiHost host, IGuestDriver? driver)
    {
        using var linker = new GuestLinker(code.Engine);
        host.Define(linker, code.Module);
        driver?.Define(linker.Linker);
        return linker.Linker.Instantiate(store, code.Module);
    }

    private IGuestOutput Output()
    {
        var patient = new PatientOutput(options.Output, _stop);
        return options.Limits.OutputBytesPerSecond is { } rate
            ? new RateLimitedOutput(patient, rate, time, wait => _stop.Wait(-1, PollEvents.None, wait.Ticks * TimeSpan.NanosecondsPerTick))
            : patient;
    }

    /// <summary>Called on the guest's thread whenever the epoch has moved, or by its driver: ends it, holds it back, or lets it go on.</summary>
    private ulong LookUp(Store store)
    {
        _stop.ThrowIfRequested();
        if (_limits is var limits && limits != _inForce)
        {
            Enforce(store, limits);
        }

        if (_stop.Termination.IsPending)
        {
            _interrupt?.Invoke();
        }

        if (_share?.Owed(_processor!.Nanoseconds, Clock()) is { } owed and > 0)
        {
            _stop.Wait(-1, PollEvents.None, owed);
        }

        return 1;
    }

    private void Enforce(Store store, InstanceLimits limits)
    {
        // All tables together take no more than the memory may.
        var elements = (uint)Math.Min(MostTableElements, (limits.MemoryBytes ?? long.MaxValue) / (Tables * TableElementSize));
        store.SetLimits(limits.MemoryBytes, elements, instances: 1 + options.Far.Count, Tables, memories: 1);
        _share = NeedsClock(limits) ? new(limits.Cpus!.Value, _processor!.Nanoseconds, Clock()) : null;
        _stop.Pace.IsRationed = _share is not null;
        _inForce = limits;
    }

    private void Observe(Memory? memory)
    {
        lock (_observing)
        {
            _memory = memory;
        }

        // Who was told to stop before this was not seen by its flag.
        Stop();
    }

    /// <summary>How an exception ended the guest: a trap of one that looks at its flag, also below a call of the host, is its stop.</summary>
    private InstanceExit ExitOf(WasmtimeException exception)
    {
        var exit = TrapReport.ExitOf(exception);
        return code.Interruption == Interruption.ByStopFlag && _stop.IsRequested && (exit is InstanceExit.Trapped || exception.InnerException is TrapException) ? new InstanceExit.Stopped() : exit;
    }

    private long Clock() => time.GetElapsedTime(0, time.GetTimestamp()).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>A guest whose memory cannot grow ends in some trap of its own; how full it was explains it.</summary>
    private InstanceExit WithMemory(InstanceExit exit, Instance instance) =>
        exit is InstanceExit.Trapped trapped && _inForce.MemoryBytes is { } limit && instance.GetMemory(ModuleInterface.Memory) is { } memory
            ? trapped with { Detail = $"{trapped.Detail}\nmemory: {Mebibytes(memory.GetLength())} of at most {Mebibytes(limit)}".TrimStart('\n') }
            : exit;
}
