using System.Text.Json.Nodes;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Node.Installing;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Manifest;
using Wasmrun.Tests.Runtimes.Packages;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Choosing versions and places for a project without a lock file.</summary>
public sealed class RangeResolverTests : IAsyncLifetime
{
    private readonly TemporaryFolder _home = new();
    private readonly List<string> _told = [];
    private readonly Dictionary<string, JsonObject> _descriptions = new(StringComparer.Ordinal);
    private TestRegistry _registry = null!;

    private string Project => Path.Combine(_home.Path, "project");

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _home.Dispose();
    }

    [Theory]
    [InlineData("^1.0.0", "1.2.0")]
    [InlineData("~1.0.0", "1.0.5")]
    [InlineData("1.x", "1.2.0")]
    [InlineData("*", "1.2.0")]
    [InlineData("", "1.2.0")]
    [InlineData(">=1.0.0 <1.1.0 || 3", "3.0.0")]
    [InlineData("1.0.0 - 1.1.0", "1.0.5")]
    [InlineData("latest", "1.2.0")]
    [InlineData("next", "2.0.0-beta.1")]
    [InlineData("2.0.0-beta.1", "2.0.0-beta.1")]
    [InlineData("npm:a@~1.0.0", "1.0.5")]
    public async Task Range_MeansAVersion(string range, string version)
    {
        Publish("a", "1.0.0");
        Publish("a", "1.0.5");
        Publish("a", "1.2.0");
        Publish("a", "2.0.0-beta.1");
        Publish("a", "3.0.0");
        _descriptions["a"]["dist-tags"] = new JsonObject { ["latest"] = "1.2.0", ["next"] = "2.0.0-beta.1" };

        Assert.Equal([$"node_modules/a {version}"], await ResolveAsync(("a", range)));
    }

    [Fact]
    public async Task VersionThatSomebodyAdvisesAgainst_IsTakenOnlyWhenThereIsNoOther()
    {
        Publish("a", "1.0.0");
        Publish("a", "1.1.0", ("deprecated", "broken"));

        Assert.Equal(["node_modules/a 1.0.0"], await ResolveAsync(("a", "^1.0.0")));
        Assert.Equal(["node_modules/a 1.1.0"], await ResolveAsync(("a", "1.1.0")));
    }

    [Fact]
    public async Task OneVersionServesAllWhoAllowIt_AndOthersAreNested()
    {
        Publish("a", "1.0.0", ("dependencies", new JsonObject { ["shared"] = "^1.0.0", ["c"] = "1" }));
        Publish("b", "1.0.0", ("dependencies", new JsonObject { ["shared"] = "^2.0.0" }));
        Publish("c", "1.0.0", ("dependencies", new JsonObject { ["a"] = "1", ["shared"] = "1" }));
        Publish("shared", "1.0.0");
        Publish("shared", "2.0.0");

        Assert.Equal(
            ["node_modules/a 1.0.0", "node_modules/b 1.0.0", "node_modules/b/node_modules/shared 2.0.0", "node_modules/c 1.0.0", "node_modules/shared 1.0.0"],
            await ResolveAsync(("a", "1"), ("b", "1")));
    }

    [Fact]
    public async Task Peers_AreInstalledBeside_UnlessTheyAreOptional()
    {
        Publish("a", "1.0.0", ("peerDependencies", new JsonObject { ["peer"] = "1", ["maybe"] = "1" }), ("peerDependenciesMeta", new JsonObject { ["maybe"] = new JsonObject { ["optional"] = true } }));
        Publish("peer", "1.0.0");

        Assert.Equal(["node_modules/a 1.0.0", "node_modules/peer 1.0.0"], await ResolveAsync(("a", "1")));
    }

    [Fact]
    public async Task OptionalPackageThatIsNotThere_IsLeftOut()
    {
        Publish("a", "1.0.0", ("optionalDependencies", new JsonObject { ["gone"] = "1" }));

        Assert.Equal(["node_modules/a 1.0.0"], await ResolveAsync(("a", "1")));
        Assert.Contains(_told, line => line.StartsWith("left out the optional gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Versions_AreKept_UntilTheDependenciesChange()
    {
        Publish("a", "1.0.0");
        Assert.Equal(["node_modules/a 1.0.0"], await ResolveAsync(("a", "^1.0.0")));
        Publish("a", "1.1.0");
        Assert.Equal(["node_modules/a 1.0.0"], await ResolveAsync(("a", "^1.0.0")));
        Assert.Equal(["node_modules/a 1.1.0"], await ResolveAsync(("a", "^1.0.1")));
        Assert.Contains(_told, line => line.Contains("has no package-lock.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RangeThatNothingMeets_SaysWhatThereIs()
    {
        Publish("a", "1.0.0");

        var refused = await Assert.ThrowsAsync<PackageFetchException>(() => ResolveAsync(("a", "^2.0.0")));

        Assert.Contains("no version of a that '^2.0.0' allows; its latest is 1.0.0", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("github:me/it")]
    [InlineData("me/it")]
    [InlineData("file:../it")]
    [InlineData("workspace:*")]
    public async Task OtherSources_AreRefusedByName(string range) =>
        Assert.Contains($"'it' is '{range}'", (await Assert.ThrowsAsync<ModuleLoadException>(() => ResolveAsync(("it", range)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task FolderThatLeadsOutOfTheProject_IsNotWrittenTo()
    {
        Publish("a", "1.0.0");
        var outside = Directory.CreateDirectory(Path.Combine(_home.Path, "outside"));
        Directory.CreateDirectory(Project);
        Directory.CreateSymbolicLink(Path.Combine(Project, ".wasmrun"), outside.FullName);

        await Assert.ThrowsAsync<FileNotFoundException>(() => ResolveAsync(("a", "1")));

        Assert.Contains(_told, line => line.Contains("cannot be kept", StringComparison.Ordinal));
        Assert.Empty(outside.GetFileSystemInfos());
    }

    private void Publish(string name, string version, params (string Name, JsonNode Value)[] more)
    {
        var package = _registry.Publish(name, version, TestRegistry.File("package/index.js", version));
        if (!_descriptions.TryGetValue(name, out var description))
        {
            _descriptions[name] = description = new() { ["versions"] = new JsonObject(), ["dist-tags"] = new JsonObject() };
        }

        var json = new JsonObject { ["dist"] = new JsonObject { ["integrity"] = package.Integrity } };
        foreach (var (key, value) in more)
        {
            json[key] = value;
        }

        description["versions"]![version] = json;
        description["dist-tags"]!["latest"] ??= version;
    }

    private async Task<IEnumerable<string>> ResolveAsync(params (string Name, string Range)[] dependencies)
    {
        foreach (var (name, description) in _descriptions)
        {
            _registry.Serve($"/{name}", description.ToJsonString());
        }

        _home.Write("project/package.json", new JsonObject
        {
            ["dependencies"] = new JsonObject(dependencies.Select(dependency => KeyValuePair.Create(dependency.Name, (JsonNode?)dependency.Range))),
        }.ToJsonString());
        var options = new RuntimeOptions(Path.Combine(_home.Path, "cache"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = _home.Path,
            ["npm_config_registry"] = _registry.Address.AbsoluteUri,
        })
        {
            Tell = _told.Add,
            Fetching = new(TimeProvider.System) { RetryDelay = TimeSpan.Zero },
        };
        await new NodeModulesInstaller(options).InstallAsync(Project, TestContext.Current.CancellationToken);
        var path = RangeLock.PathIn(Project);
        return PackageLock.Parse(await File.ReadAllTextAsync(path), path).Entries.Select(entry => $"{entry.Path} {entry.Package.Version}");
    }
}
