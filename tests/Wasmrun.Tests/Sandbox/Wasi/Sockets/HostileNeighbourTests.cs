using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>
/// Whatever a guest does, another service of the stack answers meanwhile, the guest ends when it is told to, and the other service
/// answers afterwards. How quickly it ends is measured by the tests that run alone.
/// </summary>
public sealed class HostileNeighbourTests : IAsyncLifetime
{
    private const int Descriptors = 10_000;
    private const int Requests = 20;

    /// <summary>Opens the root as often as it gets a descriptor and says so then; goes on trying for ever.</summary>
    private const string OpensForEver =
        """
        (loop $more (br_if $more (i32.eqz (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1)
          (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 1024)))))
        (call $say (i32.const 33))
        (loop $again
          (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1)
            (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 1024)))
          (br $again))
        """;

    /// <summary>Sends to itself, without reading, until the connection is full, and goes on to wait for room.</summary>
    private const string FillsAConnection =
        """
        (call $check (call $sock_open (i32.const 1) (i32.const 2) (i32.const 2048)))
        (call $check (call $sock_bind (i32.load (i32.const 2048)) (i32.const 16) (i32.const 9000)))
        (call $check (call $sock_listen (i32.load (i32.const 2048)) (i32.const 4)))
        (call $check (call $sock_open (i32.const 1) (i32.const 2) (i32.const 2052)))
        (call $check (call $sock_connect (i32.load (i32.const 2052)) (i32.const 16) (i32.const 9000)))
        (i32.store (i32.const 2064) (i32.const 0)) (i32.store (i32.const 2068) (i32.const 65536))
        (call $say (i32.const 33))
        (loop $again (call $check (call $fd_write (i32.load (i32.const 2052)) (i32.const 2064) (i32.const 1) (i32.const 2072))) (br $again))
        """;

    private readonly RunningStack _stack = new() { Limits = new() { MemoryBytes = 64 << 20, Descriptors = Descriptors, OutputBytesPerSecond = 1 << 20 } };
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _stack.DisposeAsync();
    }

    [Theory]
    [InlineData("spinning", "spin")]
    [InlineData("000000000004095", "flood")]
    [InlineData("blocking in accept", "blocked", "accept")]
    [InlineData("blocking in read", "blocked", "read")]
    [InlineData("blocking in connect", "blocked", "connect")]
    [InlineData("blocking in sleep", "blocked", "sleep")]
    public Task Service_AnswersBesideAProgramThatSays(string text, string guest, params string[] arguments) => AssertHarmless(guest, text, arguments);

    [Theory]
    [InlineData("opens descriptors without end", OpensForEver)]
    [InlineData("fills a connection that nobody reads", FillsAConnection)]
    [InlineData("takes memory without end", "(call $say (i32.const 33)) (loop $again (drop (memory.grow (i32.const 1))) (br $again))")]
    [InlineData("recurses again and again", "(call $say (i32.const 33)) (loop $again (call $deep (i32.const 10000)) (br $again))")]
    [InlineData("asks for the time without end", "(call $say (i32.const 33)) (loop $again (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 1024))) (br $again))")]
    public Task Service_AnswersBesideAGuestThat(string what, string body)
    {
        Assert.NotEmpty(what);
        return AssertHarmless(Program(body), "!", []);
    }

    private static string Program(string body) =>
        $"""
        (module
          (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_open" (func $sock_open (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_bind" (func $sock_bind (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_listen" (func $sock_listen (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_connect" (func $sock_connect (param i32 i32 i32) (result i32)))
          {TestSandbox.Prelude.Replace("\"memory\") 1)", "\"memory\") 2)", StringComparison.Ordinal)}
          (data (i32.const 0) ".")
          (data (i32.const 16) "\18\00\00\00\04\00\00\00\7f\00\00\01")
          (func $check (param i32) (if (local.get 0) (then unreachable)))
          (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))
          (func (export "_start") {body}))
        """;

    private async Task AssertHarmless(string guest, string text, string[] arguments)
    {
        var web = await _stack.StartListeningAsync("web", "http");
        var hostile = await _stack.StartAsync("hostile", guest, 0, arguments);
        await _stack.Output.Saw(text);
        await AssertAnswers(web);
        Assert.False(hostile.Instance.Completion.IsCompleted, _stack.Output.Text);

        var (exit, _) = await hostile.StopAsync();

        Assert.IsType<InstanceExit.Stopped>(exit);
        await AssertAnswers(web);
        Assert.False(web.Instance.Completion.IsCompleted);
    }

    private async Task AssertAnswers(RunningService web)
    {
        for (var request = 0; request < Requests; request++)
        {
            Assert.Equal("Hello, World!", await _client.GetStringAsync(web.Url("/"), Token));
        }
    }
}
