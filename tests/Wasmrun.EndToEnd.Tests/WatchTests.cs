using Wasmrun.EndToEnd.Tests.Harness;

namespace Wasmrun.EndToEnd.Tests;

/// <summary>What happens to a running stack when its files are saved, with the notifications of the real system.</summary>
public sealed class WatchTests
{
    [Fact]
    public async Task UpWatch_ReplacesAServiceWhoseModuleIsRenamedIntoPlace_AndKeepsTheOldOneWhenItIsBroken()
    {
        await using var stack = new TestStack("services: { web: { module: ./web.wasm, forwards: [\"8080\"] } }");
        File.Copy(Harness.Wasmrun.Guest("http"), Path.Combine(stack.Folder, "web.wasm"));
        var up = stack.Start("up", "--watch");
        await up.LineAsync(line => line.EndsWith("is watched: web and the manifest", StringComparison.Ordinal), "that says it watches");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));
        var first = await client.GetStringAsync("/instance");

        Save(stack, "web.wasm", "not a module"u8.ToArray());
        await up.LineAsync(line => line.Contains("web not reloaded:", StringComparison.Ordinal), "that says why it was not reloaded");
        Assert.Equal(first, await client.GetStringAsync("/instance"));

        // Another section at the end makes another module that does the same.
        Save(stack, "web.wasm", [.. await File.ReadAllBytesAsync(Harness.Wasmrun.Guest("http")), 0, 2, 1, (byte)'x']);
        await up.LineAsync(line => line.Contains("web-1 swapped", StringComparison.Ordinal), "that says it was swapped");
        Assert.NotEqual(first, await client.GetStringAsync("/instance"));
    }

    [Fact]
    public async Task Watch_AppliesAChangedManifest_AndReportsABrokenOne()
    {
        var manifest = $$"""services: { web: { module: {{Harness.Wasmrun.Guest("http")}}, environment: { WHO: one }, forwards: ["8080"] } }""";
        await using var stack = new TestStack(manifest);
        var watch = stack.Start("watch");
        await watch.LineAsync(line => line.EndsWith("is watched: web and the manifest", StringComparison.Ordinal), "that says it watches");
        using var client = TestStack.NewClient(await stack.PortAsync("web", 8080));

        stack.Write("services: { web: { modul: x } }");
        await watch.LineAsync(line => line.Contains("not reloaded:", StringComparison.Ordinal), "that says so");
        await watch.LineAsync(line => line.Contains("WR1101", StringComparison.Ordinal), "with the diagnostic");
        Assert.Equal("one", (await client.GetStringAsync("/env/WHO")).TrimEnd());

        stack.Write(manifest.Replace("WHO: one", "WHO: two", StringComparison.Ordinal));
        await watch.LineAsync(line => line.Contains("web-1 swapped", StringComparison.Ordinal), "that says it was swapped");
        Assert.Equal("two", (await client.GetStringAsync("/env/WHO")).TrimEnd());

        watch.Signal(Posix.SigInt);
        Assert.Equal(0, (await watch.ExitAsync()).ExitCode);
        Assert.Equal("two", (await client.GetStringAsync("/env/WHO")).TrimEnd());
    }

    [Fact]
    public async Task Build_MakesTheModule_AndRunsAgainWhenASourceIsSaved()
    {
        await using var stack = new TestStack($$"""
            services:
              web:
                module: ./out/web.wasm
                build: mkdir -p out && cp {{Harness.Wasmrun.Guest("http")}} out/web.wasm && cp src/name out/name
                forwards: ["8080"]
                develop: { watch: [{ path: ./src, action: rebuild }] }
            """);
        Directory.CreateDirectory(Path.Combine(stack.Folder, "src"));
        Save(stack, "src/name", "one"u8.ToArray());
        var up = stack.Start("up", "-w");
        await up.LineAsync(line => line.EndsWith("is watched: web and the manifest", StringComparison.Ordinal), "that says it watches");
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(stack.Folder, "out", "name"), TestContext.Current.CancellationToken));

        Save(stack, "src/name", "two"u8.ToArray());
        await up.LineAsync(line => line.Contains("web-1 swapped", StringComparison.Ordinal), "that says it was swapped");
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(stack.Folder, "out", "name"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task OsWatch_StartsTheGuestAnew_AlsoAfterItHasEnded()
    {
        await using var stack = new TestStack("services: {}");
        var module = Path.Combine(stack.Folder, "job.wat");
        await File.WriteAllTextAsync(module, Exiting(3), TestContext.Current.CancellationToken);
        var os = stack.Start("os", module, "--watch");
        await os.LineAsync(line => line.Contains("exited with code 3", StringComparison.Ordinal), "with the exit code");
        await os.LineAsync(line => line.Contains("is watched:", StringComparison.Ordinal), "that says it watches");

        Save(stack, "job.wat", System.Text.Encoding.UTF8.GetBytes(Exiting(4)));
        await os.LineAsync(line => line.Contains("exited with code 4", StringComparison.Ordinal), "with the exit code of the changed module");
        os.Signal(Posix.SigInt);
        Assert.Equal(0, (await os.ExitAsync()).ExitCode);
    }

    private static string Exiting(int code) => $$"""
        (module
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func (export "_start") (call $exit (i32.const {{code}}))))
        """;

    /// <summary>As editors do: written beside, then renamed into place.</summary>
    private static void Save(TestStack stack, string name, byte[] content)
    {
        var path = Path.Combine(stack.Folder, name);
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }
}
