using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Commands;

/// <summary>Commands whose messages or results nobody takes: they say by their exit code what became of them, and end in good order.</summary>
public sealed class UnwritableStreamsTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly CliRun _run;

    public UnwritableStreamsTests()
    {
        _run = new CliRun(_project) { StandardInput = "name: shop\nservices: { web: { module: ./web.wat } }" };
        File.WriteAllText(Path.Combine(_project.Root, "web.wat"), "(module)");
    }

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData(2, "os", "nofile.wasm")]
    [InlineData(2, "-f", "nofile.yaml", "config")]
    [InlineData(1, "-f", "-", "run", "nosuch")]
    [InlineData(1, "-p", "shop", "stop")]
    [InlineData(2, "nosuch")]
    [InlineData(2, "ps", "--nosuch")]
    [InlineData(2, "--progress", "nosuch", "ps")]
    public async Task FailureThatCannotBeTold_KeepsItsExitCode(int expected, params string[] command)
    {
        _run.Error.Close();
        Assert.Equal(expected, await _run.RunAsync(command));

        var full = new CliRun(_project) { StandardInput = _run.StandardInput };
        full.Error.Fill();
        Assert.Equal(expected, await full.RunAsync(command));
    }

    [Fact]
    public async Task WhatCannotBeTold_IsNoSuccess_UnlessNobodyWantsIt()
    {
        _run.Error.Close();
        Assert.Equal(0, await _run.RunAsync("-p", "shop", "down"));

        var full = new CliRun(_project);
        full.Error.Fill();
        Assert.Equal(1, await full.RunAsync("-p", "shop", "down"));
    }

    [Theory]
    [InlineData("-p", "shop", "ps")]
    [InlineData("--version")]
    public async Task ResultThatCannotBeWritten_IsAFailure_UnlessNobodyWantsIt(params string[] command)
    {
        _run.Output.Close();
        Assert.Equal(0, await _run.RunAsync(command));

        var full = new CliRun(_project);
        full.Output.Fill();
        Assert.Equal(1, await full.RunAsync(command));
        Assert.Equal("error: cannot write to the output: No space left on device\n", full.Error.Text);

        full.Error.Fill();
        Assert.Equal(1, await full.RunAsync(command));
    }
}
