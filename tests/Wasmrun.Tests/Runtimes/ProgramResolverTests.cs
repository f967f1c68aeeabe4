using Wasmrun.Runtimes;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes;

/// <summary>What a service names becomes a program that instances are made from, or an error before anything starts.</summary>
public sealed class ProgramResolverTests : IDisposable
{
    private readonly TestSandbox _sandbox = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resolves_AModuleWithItsFileNameAsTheFirstArgument()
    {
        var path = _folder.Write("web.wat", "(module (func (export \"_start\")))");
        GuestMount mount = new GuestMount.Host("/data", _folder.Path, ReadOnly: true);

        var program = await ResolveAsync(new(new ProgramSource.Module(path))
        {
            Arguments = ["--verbose"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORT"] = "8080" },
            Mounts = [mount],
        });

        Assert.Equal(path, program.Module.Path);
        Assert.Equal(["web.wat", "--verbose"], program.Arguments);
        Assert.Equal("8080", program.Environment["PORT"]);
        Assert.Equal([mount], program.Mounts);
    }

    [Fact]
    public async Task Resolves_AProgramThatRuns()
    {
        var program = await ResolveAsync(new(new ProgramSource.Module(House.Repository.PathOf("tests/guests/exit.wasm"))) { Arguments = ["9", "0"] });
        await using var instance = _sandbox.Engine.Create(
            program.Module,
            program.ForInstance("exit-1", _sandbox.Network(), _sandbox.Output, new()));

        instance.Start();

        Assert.Equal("exit-1", instance.Name);
        Assert.Equal(new InstanceExit.Exited(9), await instance.Completion);
    }

    [Fact]
    public async Task Resolves_WhatTheFileHoldsNow()
    {
        var request = new ProgramRequest(new ProgramSource.Module(_folder.Write("web.wat", "(module (func (export \"_start\")))")));
        var before = await ResolveAsync(request);
        _folder.Write("web.wat", "(module (func (export \"_start\") unreachable))");

        Assert.NotSame(before.Module.Code, (await ResolveAsync(request)).Module.Code);
    }

    [Fact]
    public async Task Refuses_AModuleThatCannotRun()
    {
        var path = _folder.Write("web.wat", "(module)");

        var error = await Assert.ThrowsAsync<ModuleLoadException>(() => ResolveAsync(new(new ProgramSource.Module(path))));

        Assert.StartsWith($"{path}: exports no function '_start'", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _sandbox.Dispose();
        _folder.Dispose();
    }

    private Task<GuestProgram> ResolveAsync(ProgramRequest request) => new ProgramResolver(_sandbox.Engine).ResolveAsync(request, Token);
}
