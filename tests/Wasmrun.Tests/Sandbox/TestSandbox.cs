using Wasmrun.Network;
using Wasmrun.Sandbox;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Sandbox;

/// <summary>An engine, without a cache on disk unless told, and instances of text modules with a network namespace of their own each.</summary>
internal sealed class TestSandbox : IDisposable
{
    /// <summary>The beginning of a guest in text form: imports, a memory, and <c>$say</c>, which prints one letter.</summary>
    public const string Prelude =
        """
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func $say (param i32)
          (i32.store8 (i32.const 1024) (local.get 0))
          (i32.store (i32.const 1032) (i32.const 1024))
          (i32.store (i32.const 1036) (i32.const 1))
          (drop (call $fd_write (i32.const 1) (i32.const 1032) (i32.const 1) (i32.const 1040))))
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly List<NetworkNamespace> _networks = [];
    private readonly StackNetwork _stack;
    private readonly ServiceNetwork _service;

    public TestSandbox(string? cache = null)
    {
        Engine = new(new() { CacheDirectory = cache });
        _stack = new(new() { Name = "test", RuntimeDirectory = _folder.Sub("run") }, new QuietNetwork(), TimeProvider.System);
        _service = _stack.AddService(new() { Name = "guest" });
    }

    public SandboxEngine Engine { get; }

    public RecordedOutput Output { get; } = new();

    /// <summary>Takes what guests print instead of <see cref="Output"/>.</summary>
    public IGuestOutput? OtherOutput { get; init; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A module given as text, or one of the guests in <c>tests/guests</c>.</summary>
    public Task<CompiledModule> LoadAsync(string textOrGuest) => Engine.LoadAsync(
        textOrGuest.StartsWith('(')
            ? _folder.Write($"{Guid.NewGuid():N}.wat", textOrGuest)
            : Repository.PathOf($"tests/guests/{textOrGuest}.wasm"),
        Token);

    public async Task<SandboxInstance> CreateAsync(string textOrGuest, InstanceLimits? limits = null, params string[] arguments) =>
        Engine.Create(await LoadAsync(textOrGuest), Options(limits, arguments));

    public SandboxInstance Create(CompiledModule module, InstanceLimits? limits = null) => Engine.Create(module, Options(limits));

    /// <summary>A namespace that lives as long as this sandbox, in the one service of its stack.</summary>
    public NetworkNamespace Network()
    {
        var network = _service.CreateNamespace();
        lock (_networks)
        {
            _networks.Add(network);
        }

        return network;
    }

    public async Task<InstanceExit> RunAsync(string textOrGuest, InstanceLimits? limits = null, params string[] arguments)
    {
        await using var instance = await CreateAsync(textOrGuest, limits, arguments);
        instance.Start();
        return await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    public void Dispose()
    {
        Engine.Dispose();
        _networks.ForEach(network => network.Dispose());
        _stack.Dispose();
        _folder.Dispose();
    }

    public InstanceOptions Options(InstanceLimits? limits = null, params string[] arguments) => new()
    {
        Name = "guest-1",
        Arguments = ["guest", .. arguments],
        Network = Network(),
        Output = OtherOutput ?? Output,
        Limits = limits ?? new(),
    };
}
