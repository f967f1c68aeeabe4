using Wasmrun.Sandbox;

namespace Wasmrun.Tests.Sandbox.Modules;

/// <summary>The same bytes are compiled once and shared; nobody's cancellation takes the code from the others.</summary>
public sealed class ModuleStoreTests : IDisposable
{
    private readonly TestSandbox _sandbox = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compiles_TheSameBytesOnceForAllWhoAskAtOnce()
    {
        var first = _folder.Write("first.wat", Slow);
        var second = _folder.Write("second.wat", Slow);

        var modules = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _sandbox.Engine.LoadAsync(i % 2 == 0 ? first : second, Token)));

        Assert.All(modules, module => Assert.Same(modules[0].Code, module.Code));
        Assert.Equal(first, modules[0].Path);
        Assert.Equal(second, modules[1].Path);
    }

    [Fact]
    public async Task Shares_LoadedCodeForAsLongAsItIsUsed()
    {
        var path = _folder.Write("guest.wat", Slow);
        var first = await _sandbox.Engine.LoadAsync(path, Token);

        Assert.Same(first.Code, (await _sandbox.Engine.LoadAsync(path, Token)).Code);
    }

    [Fact]
    public async Task Loads_WhatTheFileHoldsNow()
    {
        var path = _folder.Write("guest.wat", "(module (memory (export \"memory\") 1) (func (export \"_start\")))");
        var before = await _sandbox.Engine.LoadAsync(path, Token);
        _folder.Write("guest.wat", "(module (memory (export \"memory\") 3) (func (export \"_start\")))");

        Assert.Equal(1 << 16, before.Code.InitialMemory);
        Assert.Equal(3 << 16, (await _sandbox.Engine.LoadAsync(path, Token)).Code.InitialMemory);
    }

    [Fact]
    public async Task Cancels_OneCallerAndServesTheOthers()
    {
        var path = _folder.Write("guest.wat", Slow);
        using var cancelled = new CancellationTokenSource();
        var first = _sandbox.Engine.LoadAsync(path, cancelled.Token);
        var second = _sandbox.Engine.LoadAsync(path, Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task Refuses_BadBytesForAllWhoAskEachWithTheirOwnPath()
    {
        var paths = Enumerable.Range(0, 4).Select(i => _folder.Write($"bad{i}.wat", "(module (func))")).ToArray();

        foreach (var (path, task) in paths.Select(path => (path, _sandbox.Engine.LoadAsync(path, Token))).ToArray())
        {
            var error = await Assert.ThrowsAsync<ModuleLoadException>(() => task);
            Assert.StartsWith($"{path}: exports no function '_start'", error.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _sandbox.Dispose();
        _folder.Dispose();
    }

    /// <summary>Takes the compiler some tens of milliseconds, so that callers meet.</summary>
    private static string Slow { get; } =
        $"(module (memory (export \"memory\") 1) (func (export \"_start\")) {string.Concat(Enumerable.Range(0, 500).Select(i => $"(func (param i32) (result i32) (i32.mul (i32.add (local.get 0) (i32.const {i})) (i32.load (local.get 0))))"))})";
}
