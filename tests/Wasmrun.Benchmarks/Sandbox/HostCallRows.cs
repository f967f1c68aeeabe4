namespace Wasmrun.Benchmarks.Sandbox;

/// <summary>
/// The calls that are measured, by the name of their row. <see cref="CallingGuest"/> says what lies where in the guest's memory
/// and which descriptors it has. A longer name than twenty letters does not fit the table. <c>connect + accept</c> also opens and closes.
/// </summary>
internal static class HostCallRows
{
    private static readonly Dictionary<string, string[]> s_calls = new(StringComparer.Ordinal)
    {
        ["sched_yield"] = ["$sched_yield"],
        ["clock_time_get"] = ["$clock_time_get (i32.const 1) (i64.const 0) (i32.const 1024)"],
        ["random_get"] = ["$random_get (i32.const 1024) (i32.const 16)"],
        ["fd_fdstat_get"] = ["$fd_fdstat_get (i32.const 1) (i32.const 1024)"],
        ["fd_write: output"] = [Write("1")],
        ["fd_pwrite: file"] = ["$fd_pwrite (global.get $file) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 1024)"],
        ["fd_pread: file"] = ["$fd_pread (global.get $file) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 1024)"],
        ["seek + write: file"] = [Seek, Write("(global.get $file)")],
        ["seek + read: file"] = [Seek, "$fd_read (global.get $file) (i32.const 0) (i32.const 1) (i32.const 1024)"],
        ["fd_filestat_get"] = ["$fd_filestat_get (global.get $file) (i32.const 1024)"],
        ["path_filestat_get"] = ["$path_filestat_get (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 4) (i32.const 1024)"],
        ["fd_readdir"] = ["$fd_readdir (i32.const 3) (i32.const 1024) (i32.const 512) (i64.const 0) (i32.const 2048)"],
        ["write + read: socket"] = [Write("(global.get $one)"), "$fd_read (global.get $other) (i32.const 0) (i32.const 1) (i32.const 1024)"],
        ["send + recv: socket"] =
        [
            "$sock_send (global.get $one) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1024)",
            "$sock_recv (global.get $other) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 1028)",
        ],
        ["sendto + recvfrom"] =
        [
            "$sock_send_to (global.get $datagrams) (i32.const 0) (i32.const 1) (i32.const 16) (i32.const 9090) (i32.const 0) (i32.const 1024)",
            "$sock_recv_from (global.get $datagrams) (i32.const 0) (i32.const 1) (i32.const 208) (i32.const 0) (i32.const 1028) (i32.const 1024) (i32.const 1032)",
        ],
        ["connect + accept"] =
        [
            "$sock_open (i32.const 1) (i32.const 2) (i32.const 1024)",
            "$sock_connect (i32.load (i32.const 1024)) (i32.const 16) (i32.const 8080)",
            "$sock_accept (global.get $listener) (i32.const 1028)",
            "$fd_close (i32.load (i32.const 1024))",
            "$fd_close (i32.load (i32.const 1028))",
        ],
        ["poll: clock"] = [Poll(64)],
        ["poll: file"] = [Poll(112)],
        ["poll: socket"] = [Poll(160)],
        ["poll: all three"] = ["$poll_oneoff (i32.const 64) (i32.const 1024) (i32.const 3) (i32.const 2048)"],
    };

    public static IEnumerable<string> Names => s_calls.Keys;

    private static string Seek => "$fd_seek (global.get $file) (i64.const 0) (i32.const 0) (i32.const 1024)";

    public static IReadOnlyList<string> CallsOf(string name) => s_calls[name];

    private static string Write(string descriptor) =>
        $"$fd_write {(descriptor.StartsWith('(') ? descriptor : $"(i32.const {descriptor})")} (i32.const 0) (i32.const 1) (i32.const 1024)";

    private static string Poll(int subscription) => $"$poll_oneoff (i32.const {subscription}) (i32.const 1024) (i32.const 1) (i32.const 2048)";
}
