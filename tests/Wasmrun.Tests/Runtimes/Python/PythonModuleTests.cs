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
    public async Task PartsOfTheModule_HaveTheHashesThatTheyAreKnownBy()
    {
        var package = await PythonStack.FetchAsync(RuntimeLock.Python);

        string[] parts = [.. Enumerable.Range(0, PythonModule.Hashes.Count).Select(part => PythonModule.Prepare(Path.Combine(package, "dist", "python.wasm"), _folder.Sub("interpreter"), "python", part)!)];

        Assert.Equal(PythonModule.Hashes, await Task.WhenAll(parts.Select(HashAsync)));
        Assert.Equal(parts.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(_folder.Sub("interpreter")).Order(StringComparer.Ordinal));
        Assert.All(parts, part => Assert.Equal("python", PythonModule.PackageOf(Path.GetFileName(part))));
    }

    [Fact]
    public void OtherModule_IsLeftAsItIs()
    {
        Assert.Null(PythonModule.Prepare(_folder.Write("other.wasm", "other"), _folder.Sub("interpreter"), "other", 0));
        Assert.False(Directory.Exists(_folder.Sub("interpreter")));
    }

    private static async Task<string> HashAsync(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)));
}
