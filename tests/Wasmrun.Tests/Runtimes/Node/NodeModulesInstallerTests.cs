using System.Text.Json;
using System.Text.Json.Nodes;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Node.Installing;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Manifest;
using Wasmrun.Tests.Runtimes.Packages;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Installing a project's packages as its lock file says, against a registry in this process.</summary>
public sealed class NodeModulesInstallerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _home = new();
    private readonly List<string> _told = [];
    private readonly JsonObject _packages = new() { [""] = new JsonObject() };
    private TestRegistry _registry = null!;

    private string Project => Path.Combine(_home.Path, "project");

    private string Cache => Path.Combine(_home.Path, "cache");

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync();
        _home.Write("project/package.json", """{ "dependencies": {} }""");
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task Packages_AreLaidOutOutsideTheProject_AndMountedForReadingOnly()
    {
        Lock("node_modules/a", Publish("a", "1.0.0"));
        Lock("node_modules/a/node_modules/b", Publish("b", "2.0.0"));

        var mount = Assert.IsType<GuestMount.Host>(Assert.Single(await InstallAsync()));

        Assert.Equal("/app/node_modules", mount.GuestPath);
        Assert.True(mount.ReadOnly);
        Assert.StartsWith(Cache, mount.HostPath, StringComparison.Ordinal);
        Assert.Equal("a 1.0.0", Read(mount, "a"));
        Assert.Equal("b 2.0.0", Read(mount, "a/node_modules/b"));
        Assert.Equal(["package-lock.json", "package.json"], Directory.GetFileSystemEntries(Project).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains(_told, line => line.StartsWith("installed 2 packages in ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SecondTime_NothingIsFetched_AlsoForAnotherProjectWithTheSamePackages()
    {
        Lock("node_modules/a", Publish("a", "1.0.0"));
        var first = await InstallAsync();
        await _registry.DisposeAsync();

        Assert.Equal(first, await InstallAsync());
        Assert.Single(_registry.Requests);
    }

    [Theory]
    [InlineData("package.json")]
    [InlineData("package-lock.json")]
    [InlineData("npm-shrinkwrap.json")]
    [InlineData(".wasmrun/package-lock.json")]
    public async Task LinkOutOfTheProject_IsNotRead(string name)
    {
        _home.Write("project/package.json", """{ "dependencies": { "a": "^1.0.0" } }""");
        _home.Write("outside.json", """{ "lockfileVersion": 3, "packages": {} }""");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Project, name))!);
        File.Delete(Path.Combine(Project, name));
        File.CreateSymbolicLink(Path.Combine(Project, name), Path.Combine(_home.Path, "outside.json"));

        var refused = await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync);

        Assert.Contains($"{name} is not read: it has to be a file in the project itself", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChangedLock_IsInstalledAnew_WithHardLinksToWhatIsHere()
    {
        var a = Publish("a", "1.0.0");
        Lock("node_modules/a", a);
        var first = Assert.IsType<GuestMount.Host>(Assert.Single(await InstallAsync()));
        Lock("node_modules/b", Publish("b", "1.0.0"));

        var second = Assert.IsType<GuestMount.Host>(Assert.Single(await InstallAsync()));

        Assert.NotEqual(first.HostPath, second.HostPath);
        Assert.Equal("a 1.0.0", Read(second, "a"));
        Assert.Equal(2, _registry.Requests.Count);
        File.AppendAllText(Path.Combine(first.HostPath, "a", "index.js"), "!");
        Assert.Equal("a 1.0.0!", Read(second, "a"));
    }

    [Fact]
    public async Task LeftOut_IsWhatIsForDeveloping_BundledOrOptionalForOtherMachines()
    {
        Lock("node_modules/a", Publish("a", "1.0.0"));
        Lock("node_modules/dev", new("dev", "1.0.0", "sha512-no"), ("dev", true));
        Lock("node_modules/a/node_modules/inside", new("inside", "1.0.0", ""), ("inBundle", true));
        Lock("node_modules/native", new("native", "1.0.0", "sha512-no"), ("optional", true), ("cpu", new JsonArray("x64")));
        Lock("node_modules/native/node_modules/below", new("below", "1.0.0", "sha512-no"), ("optional", true));
        Lock("node_modules/mac", new("mac", "1.0.0", "sha512-no"), ("optional", true), ("os", new JsonArray("darwin")));
        Lock("node_modules/glibc", new("glibc", "1.0.0", "sha512-no"), ("optional", true), ("libc", new JsonArray("glibc")));
        Lock("node_modules/unix", Publish("unix", "1.0.0"), ("optional", true), ("os", new JsonArray("!win32")));
        Lock("node_modules/wasm", Publish("wasm", "1.0.0"), ("optional", true), ("cpu", new JsonArray("wasm32")));

        var mount = Assert.IsType<GuestMount.Host>(Assert.Single(await InstallAsync()));

        Assert.Equal(["a", "unix", "wasm"], Directory.GetDirectories(mount.HostPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task BundledPackages_ComeInTheArchiveOfTheOneAbove()
    {
        Lock("node_modules/a", _registry.Publish(
            "a", "1.0.0", TestRegistry.File("package/index.js", "a"), TestRegistry.File("package/node_modules/inside/index.js", "inside")));
        Lock("node_modules/a/node_modules/inside", new("inside", "1.0.0", ""), ("inBundle", true));

        var mount = Assert.IsType<GuestMount.Host>(Assert.Single(await InstallAsync()));

        Assert.Equal("inside", Read(mount, "a/node_modules/inside"));
    }

    [Fact]
    public async Task Workspaces_AreMountedWhereTheirLinksWouldBe_WithTheirOwnPackages()
    {
        _home.Write("project/packages/tool/index.js", "tool");
        Link("node_modules/@me/tool", "packages/tool");
        _packages["packages/tool"] = new JsonObject { ["version"] = "1.0.0" };
        Lock("packages/tool/node_modules/a", Publish("a", "1.0.0"));

        var mounts = (await InstallAsync()).Cast<GuestMount.Host>().ToList();

        Assert.Equal(
            ["/app/packages/tool/node_modules", "/app/node_modules/@me/tool", "/app/node_modules/@me/tool/node_modules"], mounts.Select(mount => mount.GuestPath));
        Assert.Equal(Path.Combine(Project, "packages", "tool"), mounts[1].HostPath);
        Assert.Equal(mounts[0].HostPath, mounts[2].HostPath);
        Assert.Equal("a 1.0.0", Read(mounts[0], "a"));
    }

    [Fact]
    public async Task Alias_IsFetchedUnderItsOwnName()
    {
        Lock("node_modules/short", Publish("@scope/long", "1.0.0"), ("name", "@scope/long"));

        var mount = Assert.IsType<GuestMount.Host>(Assert.Single(await InstallAsync()));

        Assert.Equal("@scope/long 1.0.0", Read(mount, "short"));
    }

    [Fact]
    public async Task FailedInstallation_LeavesNothingThatLooksInstalled()
    {
        Lock("node_modules/a", Publish("a", "1.0.0"));
        Lock("node_modules/gone", new("gone", "1.0.0", Publish("other", "1.0.0").Integrity));

        await Assert.ThrowsAsync<PackageFetchException>(InstallAsync);

        Assert.False(Directory.Exists(Path.Combine(Cache, "modules")));
    }

    [Fact]
    public async Task ProjectsOwnNodeModules_IsUsedAsItIs()
    {
        Lock("node_modules/a", Publish("a", "1.0.0"));
        Directory.CreateDirectory(Path.Combine(Project, "node_modules"));

        Assert.Empty(await InstallAsync());
        Assert.Empty(_registry.Requests);
    }

    [Theory]
    [InlineData("git+ssh://git@github.com/me/it.git#abc", "comes from a git repository")]
    [InlineData("file:../it.tgz", "comes from a file")]
    public async Task OtherSources_AreRefusedByName(string resolved, string message)
    {
        Lock("node_modules/it", new("it", "1.0.0", "sha512-x"), ("resolved", resolved));

        var refused = await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync);

        Assert.Contains("'it'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node_modules/../../escaped")]
    [InlineData("node_modules//escaped")]
    [InlineData("../node_modules/escaped")]
    public async Task PlaceThatLeadsOut_RefusesTheLockFile(string place)
    {
        Lock(place, Publish("a", "1.0.0"));

        Assert.Contains("leads out of the project", (await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside", "not in the project")]
    [InlineData("missing", "does not exist")]
    public async Task LinkThatLeadsOutOrNowhere_IsRefused(string target, string message)
    {
        Directory.CreateDirectory(Path.Combine(_home.Path, "outside"));
        Link("node_modules/it", target);

        Assert.Contains(message, (await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinkedFolderThatIsItselfALinkOutOfTheProject_IsRefused()
    {
        Directory.CreateSymbolicLink(Path.Combine(Project, "tool"), _home.Path);
        Link("node_modules/tool", "tool");

        Assert.Contains("not in the project", (await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackageForAnotherMachineThatIsNeeded_IsRefusedByName()
    {
        Lock("node_modules/native", Publish("native", "1.0.0"), ("cpu", new JsonArray("x64")));

        Assert.Contains("native 1.0.0", (await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LockThatDoesNotFitThePackageJson_IsRefused()
    {
        _home.Write("project/package.json", """{ "dependencies": { "late": "^1.0.0" } }""");
        Lock("node_modules/a", Publish("a", "1.0.0"));

        Assert.Contains("does not have the dependency 'late'", (await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OldLockFile_IsRefusedWithTheWayOut()
    {
        _home.Write("project/package-lock.json", """{ "lockfileVersion": 1, "dependencies": {} }""");

        Assert.Contains("version 2 or 3", (await Assert.ThrowsAsync<ModuleLoadException>(InstallAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InstallScripts_AreNamedAndNotRun()
    {
        Lock("node_modules/a", Publish("a", "1.0.0"), ("hasInstallScript", true));

        await InstallAsync();

        Assert.Contains(_told, line => line.StartsWith("the install scripts of a were not run", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Prune_RemovesInstallationsThatWereNotUsedForLong_WithTheirPackages()
    {
        Lock("node_modules/a", Publish("a", "1.0.0"));
        await InstallAsync();
        Directory.CreateDirectory(Path.Combine(Cache, "modules", "0123"));
        File.WriteAllText(Path.Combine(Cache, "modules", "0123", "packages.txt"), "b@1.0.0-00\n");
        Directory.SetLastWriteTimeUtc(Path.Combine(Cache, "modules", "0123"), new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Directory.CreateDirectory(Path.Combine(Cache, "packages", "b@1.0.0-00"));

        var report = new RuntimeCatalog(Options()).Prune(all: false);

        Assert.Equal(["0123", "b@1.0.0-00"], report.Removed);
        Assert.Empty(report.InUse);
    }

    private LockedPackage Publish(string name, string version) => _registry.Publish(name, version, TestRegistry.File("package/index.js", $"{name} {version}"));

    private void Lock(string place, LockedPackage package, params (string Name, JsonNode Value)[] more)
    {
        var entry = new JsonObject { ["version"] = package.Version, ["integrity"] = package.Integrity };
        foreach (var (name, value) in more)
        {
            entry[name] = value;
        }

        _packages[place] = entry;
    }

    private void Link(string place, string link) => _packages[place] = new JsonObject { ["resolved"] = link, ["link"] = true };

    private Task<IReadOnlyList<GuestMount>> InstallAsync()
    {
        var path = Path.Combine(Project, "package-lock.json");
        if (_packages.Count > 1)
        {
            File.WriteAllText(path, JsonSerializer.Serialize(new JsonObject { ["lockfileVersion"] = 3, ["packages"] = _packages.DeepClone() }));
        }

        return new NodeModulesInstaller(Options()).InstallAsync(Project, TestContext.Current.CancellationToken);
    }

    private RuntimeOptions Options() => new(Cache, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["HOME"] = _home.Path,
        ["npm_config_registry"] = _registry.Address.AbsoluteUri,
    })
    {
        Tell = _told.Add,
        Fetching = new(TimeProvider.System) { RetryDelay = TimeSpan.Zero },
    };

    private static string Read(GuestMount.Host mount, string package) => File.ReadAllText(Path.Combine(mount.HostPath, package, "index.js"));
}
