using System.Text.Json;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Commands;

public sealed class WithoutRunnerTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly CliRun _run;

    public WithoutRunnerTests() => _run = new CliRun(_project);

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Ps_PrintsTheHeaderAlone()
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "ps"));
        Assert.Equal("NAME   MODULE   SERVICE   STATUS   HEALTH   PORTS\n", _run.Output.Text);
        Assert.Empty(_run.Error.Text);
    }

    [Theory]
    [InlineData("--format", "json")]
    [InlineData("-q")]
    [InlineData("--services")]
    public async Task Ps_PrintsNothingForPrograms(params string[] flags)
    {
        Assert.Equal(0, await _run.RunAsync(["-p", "shop", "ps", .. flags]));
        Assert.Empty(_run.Output.Text);
    }

    [Fact]
    public async Task Down_SaysThatThereIsNothingToStop_AndSucceeds()
    {
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "down"));
        Assert.Equal("no stack named 'shop' is running here; there is nothing to stop\n", _run.Error.Text);
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("events")]
    [InlineData("wait", "web")]
    [InlineData("restart")]
    [InlineData("stop")]
    [InlineData("start")]
    [InlineData("kill")]
    [InlineData("port", "web", "80")]
    public async Task OtherCommands_SayHowToStartOne(params string[] command)
    {
        Assert.Equal(1, await _run.RunAsync(["-p", "shop", .. command]));
        Assert.Equal("error: no stack named 'shop' is running here; start it with 'wasmrun up'\n", _run.Error.Text);
    }

    [Fact]
    public async Task WithoutManifest_TheUserIsToldWhereItWasLookedFor()
    {
        Assert.Equal(2, await _run.RunAsync("ps"));
        Assert.Contains("wasmrun-compose.yaml", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_ProjectNameThatCouldBeAPath()
    {
        Assert.Equal(2, await _run.RunAsync("-p", "../../etc", "down"));
        Assert.Contains("cannot name a project", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_ReportsEveryErrorOfTheManifest_AndStartsNothing()
    {
        _run.StandardInput = "services:\n  web: { module: ./missing.wasm, forwards: [\"99999:1\"] }\n";
        Assert.Equal(2, await _run.RunAsync("-f", "-", "up"));
        Assert.Equal(2, _run.Error.Lines.Length);
        Assert.All(_run.Error.Lines, line => Assert.Matches(@"^.+\(2,\d+\): error WR\d{4}: ", line));
        Assert.False(Directory.Exists(_project.Folders.Runtime));
    }

    [Fact]
    public async Task DryRun_PrintsThePlan_AndLeavesNothingBehind()
    {
        await File.WriteAllTextAsync(Path.Combine(_project.Root, "web.wat"), "(module (memory (export \"memory\") 1) (func (export \"_start\")))", TestContext.Current.CancellationToken);
        _run.StandardInput = "name: shop\nservices: { web: { module: ./web.wat, forwards: [\"8080:80\"] } }";
        Assert.True(await _run.RunAsync("-f", "-", "up", "--dry-run") == 0, _run.Error.Text);
        Assert.Equal(
            """
            reserve ports: 1 forward is not bound
                127.0.0.1:8080, [::1]:8080 -> web 80/tcp
            start web: it is declared and was not started yet (after reserve ports)

            """,
            _run.Output.Text);
        Assert.False(Directory.Exists(_project.Folders.Runtime));
        Assert.False(Directory.Exists(_project.Folders.State));
    }

    [Theory]
    [InlineData("--attach")]
    [InlineData("--no-attach")]
    [InlineData("--exit-code-from")]
    public async Task Up_RejectsServicesThatTheManifestDoesNotDeclare(string flag)
    {
        await File.WriteAllTextAsync(Path.Combine(_project.Root, "web.wat"), "(module)", TestContext.Current.CancellationToken);
        _run.StandardInput = "name: shop\nservices: { web: { module: ./web.wat } }";
        Assert.Equal(1, await _run.RunAsync("-f", "-", "up", flag, "wbe"));
        Assert.Equal("error: no such service: wbe; there are: web\n", _run.Error.Text);
    }

    [Theory]
    [InlineData("-d", "--abort-on-exit")]
    [InlineData("--wait", "--exit-code-from", "web")]
    public async Task Up_RejectsFlagsOfTheTerminalWithoutOne(params string[] flags)
    {
        Assert.Equal(2, await _run.RunAsync(["up", .. flags]));
        Assert.Contains("without --detach and --wait", _run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_PrintsTheHeaderAlone()
    {
        Assert.Equal(0, await _run.RunAsync("ls"));
        Assert.Equal("NAME   STATUS   CONFIG FILES\n", _run.Output.Text);
    }

    [Fact]
    public async Task Config_PrintsTheManifestThatStandardInputHolds()
    {
        await File.WriteAllTextAsync(Path.Combine(_project.Root, "web.wat"), "(module)", TestContext.Current.CancellationToken);
        _run.StandardInput = "name: ${NAME:-shop}\nservices: { web: { module: ./web.wat, profiles: [a] }, api: { module: ./web.wat } }";
        Assert.Equal(0, await _run.RunAsync("-f", "-", "config", "--services"));
        Assert.Equal("api\n", _run.Output.Text);
        Assert.Equal(0, await _run.RunAsync("-f", "-", "--profile", "a", "config", "--services"));
        Assert.Equal("api\napi\nweb\n", _run.Output.Text);
        Assert.Equal(0, await _run.RunAsync("-f", "-", "config", "-q"));
        Assert.Equal(0, await _run.RunAsync("-f", "-", "config", "--profiles"));
        Assert.EndsWith("web\na\n", _run.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_PrintsJson()
    {
        await WriteModuleAsync();
        _run.StandardInput = "name: shop\nservices: { web: { module: ./web.wat, command: [\"a\\\"ü\"], deploy: { replicas: 2 }, restart: always } }";
        Assert.Equal(0, await _run.RunAsync("-f", "-", "config", "--format", "json"));
        using var document = JsonDocument.Parse(_run.Output.Text);
        var web = document.RootElement.GetProperty("services").GetProperty("web");
        Assert.Equal("a\"ü", web.GetProperty("command")[0].GetString());
        Assert.Equal(2, web.GetProperty("deploy").GetProperty("replicas").GetInt32());
        Assert.True(web.GetProperty("restart").GetProperty("jitter").GetBoolean());
    }

    [Fact]
    public async Task Config_HashesWhatIsDeclaredOfAService()
    {
        await WriteModuleAsync();
        var before = await HashAsync("{ module: ./web.wat, restart: always }", "*");
        Assert.Matches("^web [0-9a-f]{64}\n$", before);
        Assert.Equal(before, await HashAsync("{ restart: always, module: ./web.wat }", "web"));
        Assert.NotEqual(before, await HashAsync("{ module: ./web.wat, environment: { A: b } }", "web"));

        Assert.Equal(1, await _run.RunAsync("-f", "-", "config", "--hash", "web,wbe"));
        Assert.Contains("no such service: wbe", _run.Error.Text, StringComparison.Ordinal);
    }

    private async Task<string> HashAsync(string service, string names)
    {
        var before = _run.Output.Text.Length;
        _run.StandardInput = $"name: shop\nservices: {{ web: {service} }}";
        Assert.Equal(0, await _run.RunAsync("-f", "-", "config", "--hash", names));
        return _run.Output.Text[before..];
    }

    private Task WriteModuleAsync() => File.WriteAllTextAsync(Path.Combine(_project.Root, "web.wat"), "(module)", TestContext.Current.CancellationToken);
}
