using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>The calls that a program makes all the time leave nothing for the garbage collector.</summary>
public sealed class AllocationTests
{
    private const int Warmup = 200;
    private const int Rounds = 5_000;

    /// <summary>Writes, reads, polls and looks at a file, which is opened once, in a loop.</summary>
    private const string Program =
        """
        (module
          (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_pread" (func $pread (param i32 i32 i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_filestat_get" (func $path_stat (param i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_readdir" (func $list (param i32 i32 i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "file")
          (data (i32.const 16) "\00\04\00\00\08\00\00\00")                          ;; iovec: 8 bytes at 1024
          (data (i32.const 128) "\01\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00") ;; subscription to read...
          (global $fd (mut i32) (i32.const 0))
          (func (export "open") (result i32)
            (local $result i32)
            (local.set $result (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4)
              (i32.const 1) (i64.const 0x3fffffff) (i64.const 0) (i32.const 0) (i32.const 64)))
            (global.set $fd (i32.load (i32.const 64)))
            (i32.store (i32.const 144) (global.get $fd))                            ;; ...from the file
            (local.get $result))
          (func (export "work") (param $rounds i32) (result i32)
            (local $failed i32)
            (loop $next
              (local.set $failed (i32.or (local.get $failed) (call $seek (global.get $fd) (i64.const 0) (i32.const 0) (i32.const 64))))
              (local.set $failed (i32.or (local.get $failed) (call $write (global.get $fd) (i32.const 16) (i32.const 1) (i32.const 64))))
              (local.set $failed (i32.or (local.get $failed) (call $read (global.get $fd) (i32.const 16) (i32.const 1) (i32.const 64))))
              (local.set $failed (i32.or (local.get $failed) (call $pread (global.get $fd) (i32.const 16) (i32.const 1) (i64.const 0) (i32.const 64))))
              (local.set $failed (i32.or (local.get $failed) (call $stat (global.get $fd) (i32.const 256))))
              (local.set $failed (i32.or (local.get $failed) (call $path_stat (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 256))))
              (local.set $failed (i32.or (local.get $failed) (call $list (i32.const 3) (i32.const 1024) (i32.const 512) (i64.const 0) (i32.const 64))))
              (local.set $failed (i32.or (local.get $failed) (call $time (i32.const 1) (i64.const 0) (i32.const 64))))
              (local.set $failed (i32.or (local.get $failed) (call $poll (i32.const 128) (i32.const 512) (i32.const 1) (i32.const 64))))
              (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
              (br_if $next (local.get $rounds)))
            (local.get $failed)))
        """;

    [Fact]
    public void HotCalls_AllocateNothing()
    {
        using var folder = new TemporaryFolder();
        using var guest = new WasiGuest(options => options with
        {
            Mounts = [new GuestMount.Host("/data", folder.Path, ReadOnly: false)],
            Time = TimeProvider.System,
        });
        var program = guest.Load(Program);
        Assert.Equal(0, program.GetFunction<int>("open")!());
        var work = program.GetFunction<int, int>("work")!;
        Assert.Equal(0, work(Warmup));
        var allocated = long.MaxValue;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            // What a call allocates shows in every attempt; what the system of .NET does once on this thread, in one of them.
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(0, work(Rounds));
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // What remains is the call from here into the program, once.
        Assert.InRange(allocated, 0, 1024);
    }
}
