using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox.Engine;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Sandbox.Wasi.Sockets;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>What a server does all day allocates nothing: measured around loops that run inside a guest.</summary>
public sealed class SocketAllocationTests : IDisposable
{
    private const int WarmUp = 100;
    private const int Rounds = 1000;

    /// <summary>
    /// A guest with a pair of sockets in descriptors 5 and 6, and a listening one in 7. In its memory: at 0 an iovec of the 64
    /// bytes at 256; at 16 the address 127.0.0.1; at 512 subscriptions to read 6 and to write 5.
    /// </summary>
    private const string Module =
        """
        (module
          (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_recv" (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_open" (func $sock_open (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_connect" (func $sock_connect (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\00\01\00\00\40\00\00\00")
          (data (i32.const 16) "\18\00\00\00\04\00\00\00\7f\00\00\01")
          (data (i32.const 520) "\01\00\00\00\00\00\00\00\06\00\00\00")
          (data (i32.const 568) "\02\00\00\00\00\00\00\00\05\00\00\00")
          (func $check (param i32) (if (local.get 0) (then unreachable)))
          (func (export "echo") (param $rounds i32)
            (loop $again
              (call $check (call $fd_write (i32.const 5) (i32.const 0) (i32.const 1) (i32.const 64)))
              (call $check (call $poll_oneoff (i32.const 512) (i32.const 1024) (i32.const 2) (i32.const 64)))
              (call $check (i32.ne (i32.load (i32.const 64)) (i32.const 2)))
              (call $check (call $fd_read (i32.const 6) (i32.const 0) (i32.const 1) (i32.const 64)))
              (call $check (call $sock_send (i32.const 6) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 64)))
              (call $check (call $sock_recv (i32.const 5) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 64) (i32.const 68)))
              (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1))))))
          (func (export "accept") (param $rounds i32)
            (loop $again
              (call $check (call $sock_open (i32.const 1) (i32.const 2) (i32.const 64)))
              (call $check (call $sock_connect (i32.load (i32.const 64)) (i32.const 16) (i32.const 8080)))
              (call $check (call $sock_accept (i32.const 7) (i32.const 68)))
              (call $check (call $fd_close (i32.load (i32.const 64))))
              (call $check (call $fd_close (i32.load (i32.const 68))))
              (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))))
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly StackNetwork _stack;
    private readonly NetworkNamespace _network;

    public SocketAllocationTests()
    {
        _stack = new(new() { Name = "test", RuntimeDirectory = _folder.Sub("run") }, new QuietNetwork(), TimeProvider.System);
        _network = _stack.AddService(new() { Name = "web" }).CreateNamespace();
    }

    public void Dispose()
    {
        _network.Dispose();
        _stack.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("echo")]
    [InlineData("accept")]
    public void Loop_AllocatesNothing(string loop)
    {
        using var engine = new Wasmtime.Engine();
        using var module = Wasmtime.Module.FromText(engine, "loops", Module);
        using var linker = new GuestLinker(engine);
        using var store = new Store(engine);
        using var host = new WasiHost(new() { Network = _network, Output = new RecordedOutput() });
        host.Open();
        OpenSockets(host);
        host.Define(linker, module);
        var instance = linker.Linker.Instantiate(store, module);
        host.Attach(instance);
        var run = instance.GetAction<int>(loop)!;
        run(WarmUp);

        Assert.Equal(Allocated(run, WarmUp), Allocated(run, Rounds));
    }

    /// <summary>The least of several attempts: what a round allocates shows in each of them, what the system of .NET does once on this thread in one.</summary>
    private static long Allocated(Action<int> run, int rounds)
    {
        var allocated = long.MaxValue;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run(rounds);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return allocated;
    }

    private void OpenSockets(WasiHost host)
    {
        var sockets = new GuestSockets(_network);
        _network.CreatePair(SocketKind.Stream, out var one, out var other);
        _network.CreateSocket(SocketDomain.Inet4, SocketKind.Stream, out var listener);
        listener!.Bind(new(InetAddress.Any4, 8080));
        listener.Listen(16);
        foreach (var (socket, expected) in new[] { (one!, 5u), (other!, 6u), (listener, 7u) })
        {
            host.Descriptors.Add(sockets.Open(socket, Rights.Socket, FdFlags.None), out var number);
            Assert.Equal(expected, number);
        }
    }
}
