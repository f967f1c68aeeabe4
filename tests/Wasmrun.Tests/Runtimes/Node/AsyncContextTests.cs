using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>What <c>AsyncLocalStorage</c> keeps: each of these programs was run by Node.js too.</summary>
public sealed class AsyncContextTests : IDisposable
{
    private const string Start =
        """
        import { AsyncLocalStorage } from 'node:async_hooks';
        import { equal } from 'node:assert';
        import http from 'node:http';
        const als = new AsyncLocalStorage();
        const g = () => als.getStore();
        const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

        """;

    private readonly NodeSandbox _node = new();

    public static TheoryData<string, string> Programs => new()
    {
        { "An await keeps it", "await als.run(7, async () => { await null; equal(g(), 7); await sleep(2); equal(g(), 7); }); equal(g(), undefined);" },
        { "Many at once", "await Promise.all([1, 2, 3].map((i) => als.run(i, async () => { for (let k = 0; k < 5; k++) { await sleep(i); equal(g(), i); } })));" },
        { "Reactions", "await als.run(1, () => Promise.resolve().then(() => equal(g(), 1)).then(() => equal(g(), 1)).finally(() => equal(g(), 1)));" },
        { "Each waiter of one promise its own", "let release; const shared = new Promise((r) => { release = r; }); const wait = async () => { await shared; return g(); }; const all = [als.run('a', wait), als.run('b', wait), als.run('c', () => shared.then(g))]; als.run('x', release); equal((await Promise.all(all)).join(), 'a,b,c');" },
        { "Rejections", "await als.run(1, async () => { try { await Promise.reject(0); } catch { equal(g(), 1); } finally { await 0; equal(g(), 1); } });" },
        { "Thenables", "await als.run(1, async () => { await { then(r) { equal(g(), 1); setTimeout(r, 1); } }; equal(g(), 1); });" },
        { "Async generators have their caller's", "async function* count() { for (;;) { await sleep(1); yield g(); } } const it = count(); for (const n of ['a', 'b']) equal((await als.run(n, () => it.next())).value, n);" },
        { "for await", "async function* two() { yield await sleep(1); yield* [sleep(1)]; } await als.run(1, async () => { for await (const _ of two()) equal(g(), 1); for await (const _ of [sleep(1), 2]) equal(g(), 1); equal(g(), 1); });" },
        { "Nested and left", "await als.run(1, async () => { await als.run(2, async () => { await 0; equal(g(), 2); await als.exit(async () => { await 0; equal(g(), undefined); }); equal(g(), 2); }); equal(g(), 1); });" },
        { "Entered before and after an await", "async function enter() { als.enterWith(1); await 0; equal(g(), 1); als.enterWith(2); await sleep(1); equal(g(), 2); } await als.run(0, async () => { const entered = enter(); equal(g(), 1); await entered; equal(g(), 1); });" },
        { "Entered by a callee", "await als.run(0, async () => { await 0; (() => als.enterWith(1))(); await sleep(1); equal(g(), 1); }); async function* made() { als.enterWith(2); await 0; yield g(); } equal((await made().next()).value, 2);" },
        { "Entered at the top", "als.enterWith(5); await sleep(1); equal(g(), 5); als.disable(); await 0; equal(g(), undefined);" },
        { "Timers, ticks and microtasks", "await als.run(1, () => new Promise((r) => setTimeout(() => setImmediate(() => process.nextTick(() => queueMicrotask(() => { equal(g(), 1); r(); }))), 1)));" },
        { "Import and subclasses of Promise", "class P extends Promise {} await als.run(1, async () => { await import('node:path'); equal(g(), 1); await new P((r) => setTimeout(r, 1)); equal(g(), 1); await P.resolve().then(() => equal(g(), 1)); });" },
        { "Two storages", "const other = new AsyncLocalStorage(); await als.run(1, () => other.run(2, async () => { await sleep(1); equal(g() + other.getStore(), 3); }));" },
        { "Snapshots", "equal(als.run(1, () => AsyncLocalStorage.snapshot())(g), 1); equal(als.run(2, () => AsyncLocalStorage.bind(g))(), 2);" },
        { "Requests", "const server = http.createServer((q, r) => als.run(q.url, async () => { let body = ''; for await (const x of q) body += x; await sleep(1); r.end(g() + body); })); await new Promise((r) => server.listen(0, r)); const { port } = server.address(); await Promise.all(Array.from({ length: 20 }, (_, i) => als.run(i, async () => { const r = await fetch(`http://localhost:${port}/${i}`, { method: 'POST', body: 'b' }); equal(await r.text(), `/${i}b`); equal(g(), i); }))); await als.run(1, () => new Promise((r) => http.get({ port }, (m) => { equal(g(), 1); m.resume().on('end', () => { equal(g(), 1); r(); }); }))); server.close();" },
    };

    public void Dispose() => _node.Dispose();

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Store_IsThereWhereNodeHasIt(string what, string program)
    {
        var (output, exit) = await _node.RunAsync($"{Start}{program}\nconsole.log('kept');", "main.mjs");
        Assert.True(output == "kept\n" && exit == new InstanceExit.Exited(0), $"{what}: {output}");
    }
}
