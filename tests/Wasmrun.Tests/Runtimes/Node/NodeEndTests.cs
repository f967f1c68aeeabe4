using System.IO.Pipes;
using System.Text;
using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>How programs end: asked to, by themselves, and by their input.</summary>
public sealed class NodeEndTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("process.on('SIGTERM', (signal, number) => { console.log(signal, number); process.exit(3); }); setInterval(() => {}, 1000)", "up\nSIGTERM 15\n", 3)]
    [InlineData("const s = require('net').createServer().listen(3000); process.once('SIGTERM', () => s.close(() => { setTimeout(() => console.log('late'), 5); }))", "up\nlate\n", 0)]
    [InlineData("process.on('SIGTERM', async () => { await null; throw new Error('x'); }); process.on('uncaughtException', (e) => { console.log(e.message); process.exit(9); }); setInterval(() => {}, 1000)", "up\nx\n", 9)]
    [InlineData("const f = () => {}; process.on('SIGTERM', f); process.off('SIGTERM', f); setInterval(() => {}, 1000)", "up\n", 143)]
    public async Task Termination_IsASignalThatTheProgramMayHandle(string script, string expected, int code)
    {
        _node.Folder.Write("main.js", $"{script};\nconsole.log('up');");
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("up");
        Assert.True(instance.IsTerminable);
        instance.Terminate();
        var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Assert.Equal((expected, new InstanceExit.Exited(code)), (_node.Printed, exit));
    }

    [Theory]
    [InlineData("const all = []; for (;;) all.push({ all });")]
    [InlineData("const all = []; for (;;) all.push('x'.repeat(100000) + all.length);")]
    public async Task Memory_ThatIsUsedUpIsSaidWhenNobodyCatchesIt(string script)
    {
        var (output, exit) = await _node.RunAsync(script, limits: new InstanceLimits { MemoryBytes = 32 << 20 });

        Assert.Contains("out of memory", output, StringComparison.Ordinal);
        Assert.Equal(new InstanceExit.Exited(1), exit);
    }

    [Fact]
    public async Task Null_ThatIsThrownIsNoLackOfMemory()
    {
        var (output, exit) = await _node.RunAsync("throw null");

        Assert.Contains("Uncaught:\nnull\n", output, StringComparison.Ordinal);
        Assert.Equal(new InstanceExit.Exited(1), exit);
    }

    [Fact]
    public async Task Program_WithoutAHandlerIsNotAskedToEnd()
    {
        _node.Folder.Write("main.js", "setInterval(() => {}, 1000); console.log('up');");
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("up");
        Assert.False(instance.IsTerminable);
    }

    [Fact]
    public async Task Server_ThatIsAskedToEndAnswersWhatItHasBegun()
    {
        _node.Folder.Write("main.js", """
            const http = require('http');
            const server = http.createServer(async (q, r) => {
              console.log('asked');
              await new Promise((done) => process.once('SIGTERM', () => setTimeout(done, 50)));
              r.end('answered');
            }).listen(0, () => http.get({ port: server.address().port }, async (answer) => {
              for await (const data of answer) console.log(String(data));
            }));
            process.on('SIGTERM', () => server.close(() => console.log('closed')));
            """);
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("asked");

        instance.Terminate();

        var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Assert.Equal(new InstanceExit.Exited(0), exit);
        Assert.Equal(["answered", "asked", "closed"], _node.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("for (;;);")]
    [InlineData("try { for (;;); } finally { for (;;); }")]
    [InlineData("/(a+)+$/.test('a'.repeat(60) + 'b')")]
    [InlineData("for (;;) Array.from({ length: 1e5 }, Math.random).sort()")]
    [InlineData("Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)")]
    [InlineData("new Array(2 ** 32 - 1).join('')")]
    [InlineData("JSON.stringify(new Array(1e8))")]
    [InlineData("'a'.repeat(1e8).split('').sort().reverse()")]
    [InlineData("'ab'.repeat(1e7).replaceAll('b', 'ba'.repeat(20))")]
    [InlineData("let tree = []; for (let n = 0; n < 25; n++) tree = [tree, tree]; tree.flat(Infinity)")]
    [InlineData("(function next() { Promise.resolve().then(next); })()")]
    public async Task Server_WhoseHandlerNeverEndsIsStopped(string work)
    {
        _node.Folder.Write("main.js", $"const http = require('http'); const server = http.createServer(() => {{ console.log('asked'); {work} }}).listen(0, () => http.get({{ port: server.address().port }}));");
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("asked");

        instance.Stop();

        var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Assert.Equal(new InstanceExit.Stopped(), exit);
    }

    [Theory]
    [InlineData("let n = 0; process.stdin.on('data', (d) => { n += d.length; }); process.stdin.on('end', () => console.log(n))", "200000\n")]
    [InlineData("(async () => { let n = 0; for await (const line of require('readline').createInterface({ input: process.stdin })) n++; console.log(n); })()", "20000\n")]
    [InlineData("console.log(require('fs').readFileSync(0, 'utf8').length)", "200000\n")]
    [InlineData("process.stdin.once('data', () => { process.stdin.pause(); setTimeout(() => { let n = 0; process.stdin.on('data', (d) => { n = 1; }).on('end', () => console.log(n)); process.stdin.resume(); }, 5); })", "1\n")]
    [InlineData("process.stdin; console.log('not waited for')", "not waited for\n")]
    public async Task StandardInput_IsReadToItsEnd(string script, string expected)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        _node.Folder.Write("main.js", script);
        await using var instance = await _node.CreateAsync("main.js", input: (int)pipe.ClientSafePipeHandle.DangerousGetHandle());
        var write = Task.Run(
            async () =>
            {
                try
                {
                    await pipe.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("123456789\n", 20000))), Token);
                    await pipe.DisposeAsync();
                }
                catch (IOException)
                {
                    // The program did not want all of it.
                }
            },
            Token);
        instance.Start();
        var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        pipe.DisposeLocalCopyOfClientHandle();
        await write;
        Assert.Equal((expected, new InstanceExit.Exited(0)), (_node.Printed, exit));
    }

    [Fact]
    public async Task Script_IsEndedWhenItsTimeIsOver_AndTheProgramGoesOn()
    {
        var (output, exit) = await _node.RunAsync(
            "const vm = require('vm'); try { vm.runInNewContext('try { for (;;); } finally { a.b = 1 }', { a: {} }, { timeout: 20 }); } catch (e) { console.log(e.code, e.message); }");
        Assert.Equal(("ERR_SCRIPT_EXECUTION_TIMEOUT Script execution timed out after 20ms\n", new InstanceExit.Exited(0)), (output, exit));
    }
}
