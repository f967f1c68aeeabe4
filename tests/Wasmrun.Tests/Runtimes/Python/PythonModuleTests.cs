using System.Security.Cryptography;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Python;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes.Python;

/// <summary>The interpreter's module, rewritten so that it can begin with the memory of another instance.</summary>
public sealed class PythonModuleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RewrittenModule_HasTheHashThatItIsKnownBy()
    {
        var package = await PythonStack.FetchAsync(RuntimeLock.Python);

        var (near, far) = PythonModule.Prepare(Path.Combine(package, "dist", "python.wasm"), _folder.Sub("interpreter"), "python")!.Value;

        Assert.Equal((PythonModule.NearHash, PythonModule.FarHash), (await HashAsync(near), await HashAsync(far)));
        Assert.Equal(new[] { near, far }.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(_folder.Sub("interpreter")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void OtherModule_IsLeftAsItIs()
    {
        Assert.Null(PythonModule.Prepare(_folder.Write("other.wasm", "other"), _folder.Sub("interpreter"), "other"));
        Assert.False(Directory.Exists(_folder.Sub("interpreter")));
    }

    private static async Task<string> HashAsync(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)));
}
