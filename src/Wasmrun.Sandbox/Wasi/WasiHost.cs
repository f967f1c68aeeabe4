using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Engine;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi.Devices;
using Wasmrun.Sandbox.Wasi.Sockets;
using Wasmtime;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// WASI preview 1 for one instance, one file per group of functions. A function decodes its arguments, checks them, and
/// answers an errno; what it does is done by the descriptors. Everything happens on the instance's own thread.
/// </summary>
/// <seealso href="https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md"/>
internal sealed partial class WasiHost : IDisposable
{
    private const string ModuleName = "wasi_snapshot_preview1";

    private readonly WasiOptions _options;
    private readonly StopSignal _stop;
    private readonly byte[][] _arguments;
    private readonly DescriptorTable _descriptors;
    private readonly MountTree _mounts;
    private readonly GuestSockets _sockets;
    private readonly PollSet _pollSet;
    private readonly GuestClock _clock;
    private byte[][] _environment = [];

    public WasiHost(WasiOptions options)
    {
        _options = options;
        _stop = options.Stop;
        _clock = new(options.Time);
        _arguments = [.. options.Arguments.Select(Terminated)];
        _descriptors = new(options.DescriptorLimit, options.Network.Descriptors);
        _mounts = new(options.Resolver, _stop, options.Time, options.MemoryLimit);
        _sockets = new(options.Network);
        _pollSet = new(_stop);
    }

    /// <summary>How often the guest has asked for what is never the same twice: the time, and random numbers.</summary>
    public long UnrepeatableCalls { get; private set; }

    /// <summary>The open descriptors, for tests and for what is shown of an instance.</summary>
    public DescriptorTable Descriptors => _descriptors;

    private GuestMemory Memory { get; set; } = GuestMemory.None;

    /// <summary>
    /// Opens the standard streams, the mounts in the order in which they are declared, the network's devices, and the
    /// listening sockets of the forwards.
    /// </summary>
    /// <exception cref="IOException">A mount cannot be opened; the message names it.</exception>
    public void Open()
    {
        _ = _descriptors.Add(new InputDescriptor(_options.StandardInput, _stop), out _);
        _ = _descriptors.Add(new OutputDescriptor(_options.Output, GuestStream.Output, _stop), out _);
        _ = _descriptors.Add(new OutputDescriptor(_options.Output, GuestStream.Error, _stop), out _);
        foreach (var mount in _options.Mounts)
        {
            _mounts.Add(mount);
        }

        _mounts.Add(NetworkDevices.GuestPath, NetworkDevices.Open(_sockets), listed: false);
        foreach (var preopen in _mounts.OpenPreopens())
        {
            _ = _descriptors.Add(preopen, out _);
        }

        OpenInheritedListeners();
    }

    /// <summary>Defines those functions that the module imports, in the types it imports them with.</summary>
    public void Define(GuestLinker linker, Module module)
    {
        var defined = new HashSet<string>(StringComparer.Ordinal);
        foreach (var import in module.Imports)
        {
            if (import is FunctionImport { ModuleName: ModuleName } function && defined.Add(function.Name))
            {
                Define(new ImportDefiner(linker, function, this));
            }
        }
    }

    /// <summary>Looks the guest's memory up, once. Until then, and in a guest that exports none, every address is a bad one.</summary>
    public void Attach(Instance instance) => Memory = instance.GetMemory("memory") is { } memory ? new(memory) : GuestMemory.None;

    /// <summary>The same files for a driver of the guest. To be called after <see cref="Open"/>.</summary>
    public GuestFiles Files() => new(_descriptors);

    /// <summary>Closes every descriptor. The guest must not run any more.</summary>
    public void Dispose()
    {
        _descriptors.Dispose();
        _mounts.Dispose();
        _pollSet.Dispose();
    }

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + "\0");

    /// <summary>What the guest's files take in memory.</summary>
    public long TemporaryBytes => _mounts.TemporaryBytes;

    /// <summary>Defines the one function, if it is one of ours; the engine names those that are nobody's.</summary>
    private static bool Define(ImportDefiner definer) =>
        DefineArguments(definer)
        || DefineEnvironment(definer)
        || DefineClock(definer)
        || DefineDescriptor(definer)
        || DefineDescriptorStatus(definer)
        || DefinePath(definer)
        || DefinePoll(definer)
        || DefineProcess(definer)
        || DefineRandom(definer)
        || DefineScheduler(definer)
        || DefineSocket(definer);
}
