using System.Security.Cryptography;
using System.Text;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Driving;

/// <summary>Guests whose modules look by themselves whether they are to stop.</summary>
public sealed class StopFlagTests : IDisposable
{
    private const string Look = "(if (i32.load (i32.const 1020)) (then unreachable))";

    private const string Library =
        $"""
        (module
          (import "driver" "back" (func $back))
          (memory (export "memory") 1)
          (func (export "spin") (loop $again {Look} (br $again)))
          ;; Clears the flag now and then, between other work.
          (func (export "clear") (local i32)
            (loop $again {Look}
              (local.set 0 (i32.const 1000))
              (loop $work {Look} (br_if $work (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
              (i32.store (i32.const 1020) (i32.const 0))
              (br $again)))
          (func (export "call") (call $back))
          (func (export "look") (loop $again (call $back) (br $again)))
          (func (export "trap") unreachable))
        """;

    private readonly TestSandbox _sandbox = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _sandbox.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("clear")]
    public async Task Guest_ThatComputesIsStopped(string function)
    {
        await using var instance = await CreateAsync(guest => Begin(guest, function));
        instance.Start();
        await _sandbox.Output.Saw("works");

        instance.Stop();

        Assert.Equal(new InstanceExit.Stopped(), await EndOf(instance));
    }

    [Fact]
    public async Task Guest_ThatIsToldBeforeItsCodeRunsIsStopped()
    {
        await using var instance = await CreateAsync(guest =>
        {
            guest.Network.Stop.Request();
            guest.Instance.GetAction("spin")!();
            return 0;
        });
        instance.Start();
        instance.Stop();

        Assert.Equal(new InstanceExit.Stopped(), await EndOf(instance));
    }

    [Fact]
    public async Task Guest_ThatComputesBelowACallOfTheHostIsStopped()
    {
        await using var instance = await CreateAsync(guest => Begin(guest, "call"), static guest => guest.Instance.GetAction("spin")!());
        instance.Start();
        await _sandbox.Output.Saw("works");

        instance.Stop();

        Assert.Equal(new InstanceExit.Stopped(), await EndOf(instance));
    }

    [Fact]
    public async Task Guest_WhoseDriverLooksUpIsStopped()
    {
        await using var instance = await CreateAsync(guest => Begin(guest, "look"), static guest => guest.LookUp());
        instance.Start();
        await _sandbox.Output.Saw("works");

        instance.Stop();

        Assert.Equal(new InstanceExit.Stopped(), await EndOf(instance));
    }

    [Fact]
    public async Task Guest_WhoseDriverLooksUpIsHeldToItsMemory()
    {
        SandboxInstance? running = null;
        await using var instance = await CreateAsync(
            guest => Begin(guest, "look"),
            guest =>
            {
                var memory = guest.Instance.GetMemory("memory")!;
                Assert.Equal(1, memory.Grow(1));
                running!.Adjust(new() { MemoryBytes = 2 * 65536 });
                guest.LookUp();
                Assert.Throws<WasmtimeException>(() => memory.Grow(1));
                throw new InvalidOperationException("it is held");
            });
        running = instance;
        instance.Start();

        Assert.Contains("it is held", Assert.IsType<InstanceExit.Failed>(await EndOf(instance)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guest_ThatTrapsByItselfIsNotStopped()
    {
        await using var instance = await CreateAsync(guest => Begin(guest, "trap"));
        instance.Start();

        Assert.Equal("unreachable executed", Assert.IsType<InstanceExit.Trapped>(await EndOf(instance)).Reason);
    }

    [Fact]
    public async Task SameBytes_AreCompiledForEachWay()
    {
        var (path, hash) = Write();

        var stopping = await _sandbox.Engine.LoadStoppingLibraryAsync(path, hash, Token);
        var other = await _sandbox.Engine.LoadKnownLibraryAsync(path, hash, Token);

        Assert.Equal(stopping.ContentHash, other.ContentHash);
        Assert.NotSame(stopping.Code.Engine, other.Code.Engine);
        await using var instance = Create(other, static guest =>
        {
            guest.Instance.GetAction("trap")!();
            return 0;
        });
        instance.Start();
        Assert.IsType<InstanceExit.Trapped>(await EndOf(instance));
    }

    private static Task<InstanceExit> EndOf(SandboxInstance instance) => instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

    private int Begin(DrivenGuest guest, string function)
    {
        _sandbox.Output.Write(GuestStream.Output, "works"u8);
        guest.Instance.GetAction(function)!();
        return 0;
    }

    private (string Path, string Hash) Write() =>
        (_folder.Write("library.wat", Library), Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Library))));

    private async Task<SandboxInstance> CreateAsync(Func<DrivenGuest, int> run, Action<DrivenGuest>? back = null)
    {
        var (path, hash) = Write();
        return Create(await _sandbox.Engine.LoadStoppingLibraryAsync(path, hash, Token), run, back);
    }

    private SandboxInstance Create(CompiledModule module, Func<DrivenGuest, int> run, Action<DrivenGuest>? back = null) => _sandbox.Engine.Create(module, new()
    {
        Name = "guest-1",
        Network = _sandbox.Network(),
        Output = _sandbox.Output,
        Driver = () => new Driver(run, back),
    });

    private sealed class Driver(Func<DrivenGuest, int> run, Action<DrivenGuest>? back) : IGuestDriver
    {
        private DrivenGuest? _guest;

        public void Define(Linker linker) => linker.DefineFunction("driver", "back", () => back?.Invoke(_guest!));

        public int Run(DrivenGuest guest) => run(_guest = guest);
    }
}
