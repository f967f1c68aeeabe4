using Wasmrun.Network;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Sockets;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Engine;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Sandbox.Wasi.Sockets;
using Wasmtime;

namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>
/// A guest that makes the same calls over and over: with a folder in descriptor 3, a file <c>file</c> of it, a pair of connected
/// sockets, a listening one and one of datagrams. Its memory holds an iovec of 64 bytes at 0, the address 127.0.0.1 at 16, the file's
/// name at 32, subscriptions: to a clock at 64, to reading the file at 112, to writing the socket at 160, and room for an address at 208.
/// </summary>
internal sealed class CallingGuest : IDisposable
{
    private readonly BenchmarkStack _stack = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wasmrun-bench-");
    private readonly NetworkNamespace _network;
    private readonly WasiHost _host;
    private readonly Store _store;
    private Action<int> _loop = null!;

    private CallingGuest()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "file"), new byte[64]);
        _network = _stack.Service.CreateNamespace();
        _host = new(new() { Network = _network, Output = new DiscardedOutput(), Mounts = [new GuestMount.Host("/data", _folder.FullName, ReadOnly: false)] });
        _host.Open();
        _store = new(_stack.Engine.Native);
        _store.SetEpochDeadline(ulong.MaxValue / 2);
    }

    public static async Task<CallingGuest> StartAsync(IReadOnlyList<string> calls)
    {
        var guest = new CallingGuest();
        await guest.LoadAsync(calls);
        return guest;
    }

    public void Call(int times) => _loop(times);

    public void Dispose()
    {
        _store.Dispose();
        _host.Dispose();
        _network.Dispose();
        _stack.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Text(IReadOnlyList<string> calls) =>
        $$"""
        (module
          (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
          (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_filestat_get" (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_pwrite" (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_connect" (func $sock_connect (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_open" (func $sock_open (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_recv" (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_recv_from" (func $sock_recv_from (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_send_to" (func $sock_send_to (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\00\10\00\00\40\00\00\00")
          (data (i32.const 16) "\18\00\00\00\04\00\00\00\7f\00\00\01")
          (data (i32.const 32) "file")
          (data (i32.const 80) "\01\00\00\00")
          (data (i32.const 120) "\01\00\00\00")
          (data (i32.const 168) "\02\00\00\00")
          (data (i32.const 208) "\e0\00\00\00\80\00\00\00")
          (global $file (mut i32) (i32.const 0))
          (global $one (mut i32) (i32.const 0))
          (global $other (mut i32) (i32.const 0))
          (global $listener (mut i32) (i32.const 0))
          (global $datagrams (mut i32) (i32.const 0))
          (func $check (param i32) (if (local.get 0) (then unreachable)))
          (func (export "_start"))
          (func (export "open") (param $one i32) (param $other i32) (param $listener i32) (param $datagrams i32)
            (call $check (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 4)
              (i32.const 0) (i64.const 0x3fffffff) (i64.const 0) (i32.const 0) (i32.const 1024)))
            (global.set $file (i32.load (i32.const 1024)))
            (global.set $one (local.get $one))
            (global.set $other (local.get $other))
            (global.set $listener (local.get $listener))
            (global.set $datagrams (local.get $datagrams))
            (i32.store (i32.const 128) (global.get $file))
            (i32.store (i32.const 176) (global.get $one)))
          (func (export "loop") (param i32)
            (loop $again
              {{string.Join("\n      ", calls.Select(call => $"(call $check (call {call}))"))}}
              (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
              (br_if $again (local.get 0)))))
        """;

    private async Task LoadAsync(IReadOnlyList<string> calls)
    {
        var module = (await _stack.LoadAsync(Text(calls))).Code.Module;
        using var linker = new GuestLinker(_stack.Engine.Native);
        _host.Define(linker, module);
        var instance = linker.Linker.Instantiate(_store, module);
        _host.Attach(instance);
        OpenSockets(instance.GetAction<int, int, int, int>("open")!);
        _loop = instance.GetAction<int>("loop")!;
    }

    private void OpenSockets(Action<int, int, int, int> open)
    {
        var sockets = new GuestSockets(_network);
        _network.CreatePair(SocketKind.Stream, out var one, out var other);
        _network.CreateSocket(SocketDomain.Inet4, SocketKind.Stream, out var listener);
        listener!.Bind(new(InetAddress.Any4, 8080));
        listener.Listen(16);
        _network.CreateSocket(SocketDomain.Inet4, SocketKind.Datagram, out var datagrams);
        datagrams!.Bind(new(InetAddress.Any4, 9090));
        open(Add(one!), Add(other!), Add(listener), Add(datagrams));

        int Add(VirtualSocket socket)
        {
            _host.Descriptors.Add(sockets.Open(socket, Rights.Socket, FdFlags.None), out var number);
            return (int)number;
        }
    }
}
