using Wasmrun.Cli.Commands;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Commands;

public sealed class GuestArgumentsTests : IDisposable
{
    private readonly TemporaryProject _project = new();

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData("run web", "run web")]
    [InlineData("run web --help", "run web -- --help")]
    [InlineData("run web -- --help", "run web -- --help")]
    [InlineData("run --name run -e A=b web run -p 1", "run --name run -e A=b web -- run -p 1")]
    [InlineData("-p run run -p 80:80 web -v", "-p run run -p 80:80 web -- -v")]
    [InlineData("run --name=x -T web -T", "run --name=x -T web -- -T")]
    [InlineData("run --help", "run --help")]
    [InlineData("run -- web --rm", "run -- web --rm")]
    [InlineData("up run web", "up run web")]
    [InlineData("os ./run -- run web", "os ./run -- run web")]
    public void WhatFollowsTheService_IsTheGuests(string written, string expected)
    {
        var root = CommandTree.Create(new CliRun(_project).Environment);

        Assert.Equal(expected.Split(' '), GuestArguments.Separate(written.Split(' '), root));
    }
}
