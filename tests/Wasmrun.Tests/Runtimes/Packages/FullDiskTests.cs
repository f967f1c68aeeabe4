using System.Security.Cryptography;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Keeping;
using Wasmrun.Runtimes.Python;
using Wasmrun.Tests.Manifest;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>The cache on a disk that is really full: said with what, where, how much and what to do, and nothing half-written is left.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int DiskKibibytes = 256;

    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData(1_000_000, 0, "at least 1.00 MB, and 0.2")]
    [InlineData(100_000, 300_000, "at least 0.50 MB, and 0.2")]
    public async Task Package_ThatDoesNotFit_IsSaidWithItsSize(int incompressible, int zeros, string sizes)
    {
        using var disk = await SmallDisk.MountAsync(DiskKibibytes);
        await using var registry = await TestRegistry.StartAsync();
        var package = registry.Publish(
            "left",
            "1.0.0",
            TestRegistry.File("package/a.bin", Convert.ToBase64String(RandomNumberGenerator.GetBytes(incompressible * 3 / 4))),
            TestRegistry.File("package/b.bin", new string('\0', zeros)));

        var message = (await Assert.ThrowsAsync<PackageFetchException>(() => GetAsync(package, registry, disk))).Message;

        Assert.Contains($"no space left for left 1.0.0 in '{disk.Path}/cache", message, StringComparison.Ordinal);
        Assert.True(message.Contains(sizes, StringComparison.Ordinal), message);
        Assert.Contains("wasmrun runtime prune", message, StringComparison.Ordinal);
        Assert.Contains("WASMRUN_CACHE_DIR", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(disk.Path, "*", SearchOption.AllDirectories));
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task Package_FitsOnceThereIsSpace()
    {
        using var disk = await SmallDisk.MountAsync(DiskKibibytes);
        await using var registry = await TestRegistry.StartAsync();
        var package = registry.Publish("left", "1.0.0", TestRegistry.File("package/a.js", new string('a', 50_000)));
        var ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[230 << 10], TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<PackageFetchException>(() => GetAsync(package, registry, disk));
        File.Delete(ballast);

        Assert.Equal(50_000, new FileInfo(Path.Combine(await GetAsync(package, registry, disk), "a.js")).Length);
    }

    [Fact]
    public async Task WhatFitsPythonToTheSandbox_LeavesNothingHalfWritten()
    {
        using var disk = await SmallDisk.MountAsync(32);

        var message = Assert.Throws<PackageFetchException>(() => PythonGuestFiles.Write(disk.Path)).Message;

        Assert.Contains($"in '{disk.Path}': it takes at least 0.", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Entry_ThatDoesNotFit_LeavesNothingHalfWritten(bool isFolder)
    {
        using var disk = await SmallDisk.MountAsync(DiskKibibytes);
        var bytes = new byte[1 << 20];

        var message = Assert.Throws<PackageFetchException>(() => CacheEntry.Make("it", Path.Combine(disk.Path, "entry"), bytes.Length, partial =>
            File.WriteAllBytes(isFolder ? Path.Combine(Directory.CreateDirectory(partial).FullName, "file") : partial, bytes))).Message;

        Assert.Contains($"no space left for it in '{disk.Path}': it takes at least 1.05 MB", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Path));
    }

    [Fact]
    public void OtherTrouble_IsNotAFullDisk() => Assert.False(DiskProblem.IsFull(new FileNotFoundException()));

    private Task<string> GetAsync(LockedPackage package, TestRegistry registry, SmallDisk disk) => RuntimePackages.GetAsync(
        package,
        new(Path.Combine(disk.Path, "cache"), new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = _home.Path, ["npm_config_registry"] = registry.Address.AbsoluteUri }),
        projectFolder: null,
        TestContext.Current.CancellationToken);
}
