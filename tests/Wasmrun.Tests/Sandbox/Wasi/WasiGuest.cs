using System.Text;
using Microsoft.Extensions.Time.Testing;
using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Engine;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>
/// A guest whose every step is a line of the test: a real module that imports all of preview 1 and hands each function out
/// again, so that calls go through the engine as a program's do, and its memory can be laid out and looked at to the byte.
/// </summary>
internal sealed class WasiGuest : IDisposable
{
    /// <summary>Where a call's result is put unless the test says otherwise.</summary>
    public const int Result = 64;

    /// <summary>From here on <see cref="Put(ReadOnlySpan{byte})"/> lays things out.</summary>
    private const int FirstFree = 1024;

    private const int Pages = 4;

    private static readonly Wasmtime.Engine s_engine = new();
    private static readonly Module s_module = Module.FromText(s_engine, "every-function", WasiImports.ModuleText(Pages));
    private static readonly Module s_extended = Module.FromText(s_engine, "every-extended-function", WasiImports.ExtendedModuleText(Pages));

    private readonly TemporaryFolder _folder = new();
    private readonly StackNetwork _stack;
    private readonly NetworkNamespace _network;
    private readonly WasiHost _host;
    private readonly Store _store = new(s_engine);
    private readonly GuestLinker _linker = new(s_engine);
    private readonly Instance _instance;
    private int _free = FirstFree;

    public WasiGuest(params GuestMount[] mounts)
        : this(options => options with { Mounts = mounts })
    {
    }

    public WasiGuest(IPathResolver resolver, params GuestMount[] mounts)
        : this(options => options with { Mounts = mounts, Resolver = resolver })
    {
    }

    /// <summary>A guest with options of its own.</summary>
    /// <param name="extended">Whether the guest's module is one that uses the socket extension.</param>
    public WasiGuest(Func<WasiOptions, WasiOptions> configure, bool extended = false)
    {
        _stack = new(new() { Name = "test", RuntimeDirectory = _folder.Sub("run") }, new QuietNetwork(), TimeProvider.System);
        _network = _stack.AddService(new() { Name = "guest" }).CreateNamespace();
        _host = new(configure(new() { Network = _network, Output = Output, Time = Time }));
        try
        {
            _host.Open();
        }
        catch
        {
            Dispose();
            throw;
        }

        var module = extended ? s_extended : s_module;
        _host.Define(_linker, module);
        _instance = _linker.Linker.Instantiate(_store, module);
        _host.Attach(_instance);
        Memory = _instance.GetMemory("memory")!;
    }

    public StreamRecorder Output { get; } = new();

    public FakeTimeProvider Time { get; } = new(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public StopSignal Stop => _network.Stop;

    public DescriptorHolding Holding => _network.Descriptors;

    public DescriptorTable Descriptors => _host.Descriptors;

    public Memory Memory { get; }

    public int MemorySize => (int)Memory.GetLength();

    /// <summary>Calls a host function as the guest would.</summary>
    /// <returns>What it answers.</returns>
    public WasiErrno Call(string function, params ValueBox[] arguments)
    {
        try
        {
            return (WasiErrno)(int)_instance.GetFunction(function)!.Invoke(arguments)!;
        }
        catch (WasmtimeException e) when (e.InnerException is GuestStoppedException or ProcessExitException)
        {
            throw e.InnerException;
        }
    }

    /// <summary>Makes another program of this guest's, from text; from then on the guest's memory is this program's.</summary>
    public Instance Load(string text)
    {
        using var module = Module.FromText(s_engine, "program", text);
        using var linker = new GuestLinker(s_engine);
        _host.Define(linker, module);
        var instance = linker.Linker.Instantiate(_store, module);
        _host.Attach(instance);
        return instance;
    }

    /// <summary>The code with which a call ends the guest.</summary>
    public int ExitCodeOf(string function, int argument)
    {
        var end = Assert.Throws<WasmtimeException>(() => { _ = _instance.GetFunction(function)!.Invoke(argument); });
        return Assert.IsType<ProcessExitException>(end.InnerException).Code;
    }

    /// <summary>Lays bytes out in the guest's memory, where nothing else is, and returns their address.</summary>
    public int Put(ReadOnlySpan<byte> bytes)
    {
        var address = Reserve(bytes.Length);
        bytes.CopyTo(Memory.GetSpan(address, bytes.Length));
        return address;
    }

    /// <summary>Finds room for so many bytes, which are zero.</summary>
    public int Reserve(int length)
    {
        var address = _free;
        _free += (length + 15) & ~15;
        Memory.GetSpan(address, length).Clear();
        return address;
    }

    /// <summary>Lays out an array of <c>iovec</c>.</summary>
    public int PutVectors(params (int Address, int Length)[] vectors)
    {
        var address = Reserve(vectors.Length * 8);
        for (var index = 0; index < vectors.Length; index++)
        {
            Memory.WriteInt32(address + (index * 8), vectors[index].Address);
            Memory.WriteInt32(address + (index * 8) + 4, vectors[index].Length);
        }

        return address;
    }

    public byte[] Bytes(int address, int length) => Memory.GetSpan(address, length).ToArray();

    public string Text(int address, int length) => Encoding.UTF8.GetString(Bytes(address, length));

    /// <summary>Forgets what was laid out, so that a test of many rounds does not run out of memory.</summary>
    public void Free() => _free = FirstFree;

    public void Dispose()
    {
        _host.Dispose();
        _store.Dispose();
        _linker.Dispose();
        _network.Dispose();
        _stack.Dispose();
        _folder.Dispose();
    }
}
