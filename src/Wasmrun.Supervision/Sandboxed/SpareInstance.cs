using Wasmrun.Network;
using Wasmrun.Runtimes;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>
/// A guest that has started and waits before it looks at its project, to become the service's next instance. Until then it gets no clients, prints
/// nothing, and is no instance of the service.
/// </summary>
internal sealed class SpareInstance : IAsyncDisposable
{
    private readonly SpareStart _start = new();
    private readonly LaterOutput _output = new();
    private readonly InstanceLimits _limits;
    private readonly string? _key;

    /// <summary>Makes it and lets it start.</summary>
    /// <param name="options">Of an instance of the service.</param>
    /// <exception cref="IOException">The system does not let it.</exception>
    public SpareInstance(SandboxEngine engine, ServiceNetwork service, GuestProgram program, Func<NetworkNamespace, InstanceOptions> options)
    {
        Network = service.CreateNamespace(accepting: false);
        try
        {
            var instance = options(Network);
            _limits = instance.Limits;
            _key = program.SpareKey;
            Guest = engine.Create(program.Module, instance with { Name = $"{instance.Name}-spare", Output = _output, Driver = () => program.Spare!(_start) });
        }
        catch
        {
            Network.Dispose();
            _start.Dispose();
            throw;
        }

        Guest.Start();
    }

    public SandboxInstance Guest { get; }

    public NetworkNamespace Network { get; }

    /// <summary>Whether it has come to where it waits.</summary>
    public bool IsWaiting => _start.IsWaiting;

    /// <summary>Whether an instance of the program would be one like this.</summary>
    public bool IsOf(GuestProgram program, InstanceLimits limits) =>
        string.Equals(_key, program.SpareKey, StringComparison.Ordinal)
        && limits with { MemoryBytes = null, Cpus = null } == _limits with { MemoryBytes = null, Cpus = null };

    /// <summary>Makes it the caller's, with its output and limits; it goes on after <see cref="Release"/>.</summary>
    /// <returns>False for one that is not ready, or not what an instance made now would be.</returns>
    public bool TryTake(IGuestOutput output, InstanceLimits limits)
    {
        if (Guest.Completion.IsCompleted || !_start.TryTake())
        {
            return false;
        }

        _output.Target = output;
        Guest.Adjust(limits);
        return true;
    }

    /// <summary>Lets it look at its project and run.</summary>
    public void Release() => _start.Release();

    /// <summary>Stops it and frees what it holds, its network included.</summary>
    public async ValueTask DisposeAsync()
    {
        await Guest.DisposeAsync();
        Network.Dispose();
        _start.Dispose();
    }

    private sealed class LaterOutput : IGuestOutput
    {
        private volatile IGuestOutput? _target;

        public IGuestOutput Target
        {
            set => _target = value;
        }

        public void Write(GuestStream stream, ReadOnlySpan<byte> bytes) => _target?.Write(stream, bytes);

        public bool HasRoom(int bytes) => _target?.HasRoom(bytes) ?? true;
    }
}
