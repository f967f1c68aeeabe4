using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Programs that watch files: on mounts of the host and in memory, and what each change is called.</summary>
public sealed class NodeWatchTests : IDisposable
{
    private readonly NodeSandbox _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("/app/w")]
    [InlineData("/tmp/w")]
    public async Task Folder_TellsWhatComesChangesAndGoes(string folder)
    {
        var (output, exit) = await _node.RunAsync($$"""
            const fs = require('fs');
            const at = (name) => `{{folder}}/${name}`;
            fs.mkdirSync(at(''));
            const steps = [
              [1, () => fs.writeFileSync(at('a'), '1')], [1, () => fs.appendFileSync(at('a'), '2')], [2, () => fs.renameSync(at('a'), at('b'))],
              [1, () => { fs.writeFileSync(at('c'), 'new'); fs.renameSync(at('c'), at('b')); }], [1, () => fs.mkdirSync(at('d'))], [1, () => fs.unlinkSync(at('b'))],
            ];
            let left = 0;
            const next = () => { if (steps.length === 0) return watcher.close(); const [events, step] = steps.shift(); left = events; step(); };
            const watcher = fs.watch(at(''), (event, name) => { console.log(event, name); if (--left === 0) next(); });
            watcher.on('close', () => console.log('closed'));
            next();
            """);

        Assert.Equal("rename a\nchange a\nrename a\nrename b\nrename b\nrename d\nrename b\nclosed\n", output);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task File_TellsWhatTheHostWritesAndThatItGoes()
    {
        _node.Folder.Write("watched.txt", "1");
        _node.Folder.Write("main.js", """
            const watcher = require('fs').watch('watched.txt', 'utf8', (event, name) => { console.log(event, name); if (event === 'rename') watcher.close(); });
            console.log('ready');
            """);
        await using var instance = await _node.CreateAsync("main.js");
        instance.Start();
        await _node.Saw("ready");
        _node.Folder.Write("watched.txt", "12");
        await _node.Saw("change watched.txt\n");
        File.Delete(_node.Folder.Sub("watched.txt"));

        Assert.Equal(new InstanceExit.Exited(0), await instance.Completion);
        Assert.EndsWith("rename watched.txt\n", _node.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tree_TellsWhatHappensInFoldersThatCameLater()
    {
        var (output, _) = await _node.RunAsync("""
            const fs = require('fs');
            fs.mkdirSync('/tmp/w/old', { recursive: true });
            const steps = [() => fs.mkdirSync('/tmp/w/new'), () => fs.writeFileSync('/tmp/w/new/x', ''), () => fs.writeFileSync('/tmp/w/old/y', ''), () => watcher.close()];
            const watcher = fs.watch('/tmp/w', { recursive: true, encoding: 'buffer' });
            watcher.on('change', (event, name) => { console.log(event, String(name), Buffer.isBuffer(name)); steps.shift()(); });
            steps.shift()();
            """);

        Assert.Equal("rename new true\nrename new/x true\nrename old/y true\n", output);
    }

    [Theory]
    [InlineData("try { fs.watch('/nothing') } catch (e) { console.log(e.code, e.syscall, e.path, e.filename, e.message) }", "ENOENT watch /nothing /nothing ENOENT: no such file or directory, watch '/nothing'\n")]
    [InlineData("fs.watch('/tmp', { persistent: false }); fs.watch('/tmp').unref(); console.log('done')", "done\n")]
    [InlineData("const c = new AbortController(); fs.watch('/tmp', { signal: c.signal }).on('close', () => console.log('closed')); c.abort()", "closed\n")]
    [InlineData("fs.watch('/tmp', 'utf8', 1)", "TypeError [ERR_INVALID_ARG_TYPE]: The \"listener\" argument must be of type function. Received type number (1)", 1)]
    public async Task Watcher_BehavesAsNodes(string script, string expected, int code = 0)
    {
        var (output, exit) = await _node.RunAsync($"const fs = require('fs'); {script}");

        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Equal(new InstanceExit.Exited(code), exit);
    }

    [Fact]
    public async Task Folder_WithMoreThanCanBeLookedThroughIsRefused()
    {
        for (var number = 0; number < 10_000; number++)
        {
            File.Create(_node.Folder.Sub($"{number}")).Dispose();
        }

        var (output, exit) = await _node.RunAsync("try { require('fs').watch('.') } catch (e) { console.log(e.code, e.syscall) }");

        Assert.Equal("ENOSPC watch\n", output);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Fact]
    public async Task Events_CanBeWaitedFor()
    {
        var (output, exit) = await _node.RunAsync("""
            const fs = require('fs');
            const stop = new AbortController();
            (async () => {
              setImmediate(() => fs.writeFileSync('/tmp/x', ''));
              for await (const { eventType, filename } of fs.promises.watch('/tmp', { signal: stop.signal })) {
                console.log(eventType, filename);
                stop.abort();
              }
            })().catch((error) => console.log(error.name, error.code));
            """);

        Assert.Equal("rename x\nAbortError ABORT_ERR\n", output);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }

    [Theory]
    [InlineData(false, "0 0 false\n3 0 true\n5 3 true\n0 5 false\n")]
    [InlineData(true, "0n 0n false\n3n 0n true\n5n 3n true\n0n 5n false\n")]
    public async Task WatchedFile_TellsItsStateNowAndBefore(bool isBig, string expected)
    {
        var (output, exit) = await _node.RunAsync($$"""
            const fs = require('fs');
            const steps = [() => fs.writeFileSync('/tmp/x', 'one'), () => fs.appendFileSync('/tmp/x', '!!'), () => fs.unlinkSync('/tmp/x'), () => fs.unwatchFile('/tmp/x', listener)];
            const listener = (now, before) => { console.log(now.size, before.size, now.isFile()); steps.shift()(); };
            fs.watchFile('/tmp/x', { interval: 5, bigint: {{(isBig ? "true" : "false")}} }, listener);
            """);

        Assert.Equal(expected, output);
        Assert.Equal(new InstanceExit.Exited(0), exit);
    }
}
