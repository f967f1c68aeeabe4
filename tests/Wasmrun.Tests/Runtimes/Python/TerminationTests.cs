using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox.Wasi.Sockets;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>Programs that compute without a pause, and are asked to end.</summary>
public sealed class TerminationTests : IAsyncLifetime
{
    private readonly PythonStack _stack = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Theory]
    [InlineData("spins", "atexit", "while True: pass")]
    [InlineData("calls", "atexit", "def work(n): return n and work(n - 1)\n    while True: work(100)")]
    [InlineData("prints", "atexit", "while True: print('busy')")]
    [InlineData("searches", "re", "re.match('(a|aa)+$', 'a' * 200 + 'b')")]
    [InlineData("hashes", "hashlib", "hashlib.pbkdf2_hmac('sha3_256', b'password', b'salt', 1 << 30)")]
    [InlineData("asyncio", "asyncio", "async def spin():\n        while True: pass\n    asyncio.run(spin())")]
    [InlineData("thread", "threading, time", "def spin():\n        while True: pass\n    spinning = threading.Thread(target=spin); spinning.start(); spinning.join(); time.sleep(3600)")]
    [InlineData("executor", "atexit", "from concurrent.futures import ThreadPoolExecutor\n    def spin():\n        while True: pass\n    with ThreadPoolExecutor() as pool: pool.submit(spin).result()")]
    public async Task ProgramThatComputes_EndsAndCleansUp(string name, string modules, string work)
    {
        // Mostly imported beforehand: what a signal raises in the middle of an import may end in a callback of it, where Python drops exceptions.
        var exit = await EndAsync(name, $"""
            import atexit, {modules}

            atexit.register(lambda: print('atexit ran'))
            try:
                print('begins')
                {work}
            finally:
                print('cleaned up')
            """);

        Assert.Equal(new InstanceExit.Exited(143), exit);
        Assert.EndsWith("cleaned up\natexit ran\n", _stack.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandlerOfAProgramThatComputes_SeesTheLineAndGoesOnFromThere()
    {
        var exit = await EndAsync("handler", """
            import signal, sys

            def end(number, frame):
                global ended
                ended = True
                print('heard', number, 'in', frame.f_code.co_name)

            def work():
                rounds = 0
                while not ended:
                    rounds += 1
                print('worked' if rounds else 'did nothing')

            for number in range(1, signal.NSIG):
                try:
                    signal.signal(number, signal.SIG_DFL)
                except (OSError, ValueError):
                    pass
            ended = False
            signal.signal(signal.SIGTERM, end)
            print('begins')
            work()
            sys.exit(7)
            """);

        Assert.Equal(new InstanceExit.Exited(7), exit);
        Assert.Equal("begins\nheard 15 in work\nworked\n", _stack.Output.Text);
    }

    [Fact]
    public async Task SignalThatIsIgnored_ChangesNothing()
    {
        var service = await BeginAsync("ignores", """
            import signal, wasmrun_wait

            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print('begins')
            rounds = 0
            while not wasmrun_wait.signalled:
                rounds += 1
            print('goes on')
            while True:
                rounds += 1
            """);

        service.Instance.Terminate();
        await _stack.Output.Saw("goes on");

        Assert.Equal(new InstanceExit.Stopped(), (await service.StopAsync()).Exit);
        Assert.DoesNotContain("Traceback", _stack.Output.Text, StringComparison.Ordinal);
    }

    private async Task<InstanceExit> EndAsync(string name, string program) => (await PythonStack.TerminateAsync(await BeginAsync(name, program))).Exit;

    private async Task<RunningService> BeginAsync(string name, string program)
    {
        var service = await _stack.StartAsync(name, _stack.Write(name, "main.py", program), 8000);
        await _stack.Output.Saw("begins");
        return service;
    }
}
