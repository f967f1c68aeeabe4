using System.Security.Cryptography;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

public sealed class EngineModuleTests
{
    [Fact]
    public async Task RewrittenModule_HasTheHashThatItIsKnownBy()
    {
        using var folder = new TemporaryFolder();
        var package = await Python.PythonStack.FetchAsync(RuntimeLock.QuickJs);

        var path = EngineModule.Prepare(Path.Combine(package, "quickjs.wasm"), folder.Sub("interpreter"), "engine");

        Assert.Equal(EngineModule.Hash, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Sub("interpreter")));
    }
}
