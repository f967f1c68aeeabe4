using Microsoft.Extensions.Time.Testing;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>
/// Instances that begin where another one had loaded its packages. Whether a package was loaded anew shows in what it counts beside the
/// image: a package that looks at nothing but itself is loaded once.
/// </summary>
public sealed class ProjectImageTests : IDisposable
{
    private const string Entry = "const p = require('p');\nconsole.log(p.show());";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];
    private readonly ProjectImages _images;

    /// <summary>When everything was touched long ago.</summary>
    private readonly FakeTimeProvider _later = new(TimeProvider.System.GetUtcNow().AddHours(1));

    public ProjectImageTests() => _images = Images();

    private int ImageCount => Directory.Exists(ImageFolder) ? Directory.GetFiles(ImageFolder, "*.project").Length : 0;

    private string ImageFolder => Path.Combine(_folder.Path, "images");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Package_IsLoadedOnceForAllInstances()
    {
        using var node = Node("let loads = 0; loads++; exports.list = [loads]; exports.show = () => exports.list.push(exports.list.length) && exports.list.join();");

        Assert.Equal(["1,1", "1,1", "1,1"], [await RunAsync(node), await RunAsync(node), await RunAsync(node)]);
        Assert.Empty(_told);
        Assert.Equal(1, ImageCount);
    }

    [Fact]
    public async Task Image_OfAnotherProcessIsUsed()
    {
        using var node = Node("exports.show = () => 'old';");
        await RunAsync(node);
        var image = Assert.Single(Directory.GetFiles(ImageFolder, "*.project"));
        var written = File.GetLastWriteTimeUtc(image);

        Assert.Equal("old", await RunAsync(node, Images()));
        Assert.True(File.GetLastWriteTimeUtc(image) > written);
    }

    [Fact]
    public async Task Entry_MayChangeWhatItDoesWithItsPackages()
    {
        using var node = Node("exports.show = () => 'p';");
        await RunAsync(node);

        Assert.Equal("changed p", await RunAsync(node, entry: "const p = require('p');\nconsole.log('changed', p.show());"));
        Assert.Equal(1, ImageCount);
    }

    [Theory]
    [InlineData("node_modules/p/index.js", "exports.show = () => 'new';")]
    [InlineData("node_modules/p/package.json", """{ "main": "new.js" }""")]
    [InlineData("node_modules/p/part.js", "module.exports = 'new';")]
    public async Task File_ThatDecidesWhatIsLoadedIsLookedAtAgain(string path, string content)
    {
        using var node = Node("let part = 'old'; try { part = require('./part'); } catch {} exports.show = () => part;");
        node.Folder.Write("node_modules/p/new.js", "exports.show = () => 'new';");
        Assert.Equal(["old", "old"], [await RunAsync(node), await RunAsync(node)]);

        node.Folder.Write(path, content);

        Assert.Equal(["new", "new"], [await RunAsync(node), await RunAsync(node)]);
        Assert.Equal("new", await RunAsync(node, Images()));
    }

    [Theory]
    [InlineData("node_modules/p/index.js", "exports.show = () => 'new';")]
    [InlineData("node_modules/p/package.json", """{ "main": "new.js" }""")]
    [InlineData("node_modules/p/part.js", "module.exports = 'new';")]
    [InlineData("linked.js", "module.exports = 'new';")]
    public async Task File_ThatDecidesIsLookedAtAgain_ByAProcessThatReliesOnTheLookOfAnother(string path, string content)
    {
        using var node = Node("let part = 'old'; for (const name of ['./part', './link']) { try { if (part === 'old') part = require(name); } catch {} } exports.show = () => part;");
        node.Folder.Write("node_modules/p/new.js", "exports.show = () => 'new';");
        node.Folder.Write("linked.js", "module.exports = 'old';");
        File.CreateSymbolicLink(node.Folder.Sub("node_modules/p/link.js"), "../../linked.js");
        Assert.Equal("old", await RunAsync(node, Images(_later)));
        Assert.Single(Directory.GetFiles(ImageFolder, "*.check"));
        Assert.Equal("old", await RunAsync(node, Images(_later)));

        node.Folder.Write(path, content);

        Assert.Equal("new", await RunAsync(node, Images(_later)));
        Assert.Equal("new", await RunAsync(node, Images(_later)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"Facts":"0","Folders":{},"Paths":{}}""")]
    public async Task Look_ThatIsNotOfTheseFactsIsNotReliedOn(string kept)
    {
        using var node = Node("exports.show = () => 'old';");
        await RunAsync(node, Images(_later));
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(ImageFolder, "*.check")), kept, TestContext.Current.CancellationToken);
        Assert.Equal("old", await RunAsync(node, Images(_later)));

        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(ImageFolder, "*.check")), kept, TestContext.Current.CancellationToken);
        node.Folder.Write("node_modules/p/index.js", "exports.show = () => 'new';");

        Assert.Equal("new", await RunAsync(node, Images(_later)));
    }

    [Fact]
    public async Task Variable_ThatWasReadDecidesAndOthersDoNot()
    {
        using var node = Node("const read = process.env.READ; exports.show = () => `${read} ${process.env.OTHER}`;");
        node.Environment["READ"] = "one";
        Assert.Equal("one undefined", await RunAsync(node));

        node.Environment["OTHER"] = "other";
        Assert.Equal("one other", await RunAsync(node));

        node.Environment["READ"] = "two";
        Assert.Equal("two other", await RunAsync(node));
    }

    [Fact]
    public async Task Image_WithValuesOfTheEnvironmentIsNotWrittenToDisk()
    {
        using var node = Node("exports.value = process.env.PASSWORD; exports.show = () => exports.value;");
        node.Environment["PASSWORD"] = "correct horse";

        Assert.Equal(["correct horse", "correct horse"], [await RunAsync(node), await RunAsync(node)]);
        Assert.Equal(0, ImageCount);
    }

    [Fact]
    public async Task Image_HoldsNoVariableThatNobodyRead()
    {
        using var node = Node("exports.names = Object.keys(process.env).length; exports.show = () => process.env.PASSWORD;");
        node.Environment["PASSWORD"] = "correct horse";

        Assert.Equal("correct horse", await RunAsync(node));
        Assert.True(File.ReadAllBytes(Assert.Single(Directory.GetFiles(ImageFolder, "*.project"))).AsSpan().IndexOf("correct horse"u8) < 0);
    }

    [Theory]
    [InlineData("exports.at = Date.now();", "asks for the time")]
    [InlineData("exports.at = new Date();", "asks for the time")]
    [InlineData("exports.at = performance.now();", "asks for the time")]
    [InlineData("exports.at = performance.timeOrigin;", "asks for the time")]
    [InlineData("exports.id = Math.random();", "draws random numbers")]
    [InlineData("exports.id = require('crypto').randomUUID();", "draws random numbers")]
    [InlineData("console.log('loaded');", "prints")]
    [InlineData("setInterval(() => {}, 1000).unref();", "asks for the time")]
    [InlineData("process.on('SIGTERM', () => {});", "listens for SIGTERM")]
    [InlineData("process.env.X = '1';", "changes the environment")]
    [InlineData("require('http').createServer().listen(0).unref();", "listens")]
    [InlineData("require('fs').openSync(__filename);", "uses what belongs to one instance (fsOpen)")]
    [InlineData("require('fs').writeFileSync('/tmp/x', 'x');", "uses what belongs to one instance (fsOpen)")]
    [InlineData("require('fs').readdirSync(__dirname);", "lists a folder")]
    public async Task Package_ThatDoesWhatIsItsInstancesAloneIsLoadedAnew(string code, string reason)
    {
        using var node = Node($"exports.show = () => 'p';\n{code}");
        node.Folder.Write("node_modules/q.js", "let n = 0; exports.count = () => ++n;");
        const string Twice = "const q = require('q');\nconst p = require('p');\nconsole.log(p.show(), q.count());";

        var outputs = new[] { await RunAsync(node, entry: Twice), await RunAsync(node, entry: Twice), await RunAsync(node, entry: Twice) };

        Assert.All(outputs, output => Assert.EndsWith("p 1", output, StringComparison.Ordinal));
        Assert.Single(outputs.Distinct(StringComparer.Ordinal));
        Assert.Equal($"guest: 'p' {reason} while it loads: it and what follows it is loaded anew by every instance", Assert.Single(_told));
        Assert.Equal(1, ImageCount);
    }

    [Fact]
    public async Task Package_ThatThrowsDoesSoWhereItIsAskedFor()
    {
        using var node = Node("globalThis.loads = (globalThis.loads || 0) + 1; throw new Error('broken');");
        const string Catching = "require('p');\n";
        node.Folder.Write("main.js", "process.on('uncaughtException', (e) => { console.log(e.message, loads); process.exit(); });\nrequire('p');");
        Assert.Equal("broken 1", await RunAsync(node, entry: "const fs = require('fs');\nprocess.on('uncaughtException', (e) => { console.log(e.message, loads); process.exit(); });\nrequire('p');"));

        using var other = Node("globalThis.loads = (globalThis.loads || 0) + 1; console.log('load', loads); throw new Error('broken');");
        other.Folder.Write("main.js", Catching);
        await using var instance = await other.CreateAsync("main.js");
        instance.Start();
        var exit = await instance.Completion;
        Assert.Equal(new InstanceExit.Exited(1), exit);
        Assert.Equal(1, other.Printed.Split("load 1").Length - 1);
        Assert.DoesNotContain("load 2", other.Printed, StringComparison.Ordinal);
        Assert.Contains("Error: broken", other.Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Package_ThatFillsItsMemoryIsLoadedByEveryInstance()
    {
        using var node = Node("exports.all = new ArrayBuffer(140 << 20); exports.show = () => exports.all.byteLength;");

        Assert.Equal(["146800640", "146800640"], [await RunAsync(node), await RunAsync(node)]);
        Assert.Equal("guest: 'p' takes more memory than an image may have while it loads: it and what follows it is loaded anew by every instance", Assert.Single(_told));
        Assert.Equal(0, ImageCount);
    }

    [Fact]
    public async Task Package_SeesTheEntryAsItsParentAndMain()
    {
        using var node = Node("exports.show = () => [module.parent.filename, require.main.filename, require.main === process.mainModule, process.argv[1], require.main.children.length].join();");
        const string Seen = "/app/main.js,/app/main.js,true,/app/main.js,1";
        Assert.Equal([Seen, Seen], [await RunAsync(node), await RunAsync(node)]);
    }

    [Fact]
    public async Task Context_OfAStorageThatAPackageMadeIsCarriedOn()
    {
        using var node = Node("const { AsyncLocalStorage } = require('async_hooks'); exports.als = new AsyncLocalStorage(); exports.show = () => 'p';");
        const string Uses = "const p = require('p');\np.als.run(7, async () => { await null; await new Promise((r) => setTimeout(r, 1)); console.log(p.als.getStore()); });";
        Assert.Equal(["7", "7"], [await RunAsync(node, entry: Uses), await RunAsync(node, entry: Uses)]);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Module_OfTheNewKindBeginsFromAnImageToo()
    {
        using var node = Node("let n = 0; exports.show = () => ++n;");
        node.Folder.Write("node_modules/m/package.json", """{ "type": "module", "main": "index.js" }""");
        node.Folder.Write("node_modules/m/index.js", "import p from 'p'; export const first = p.show();");
        const string Imports = "import { first } from 'm';\nimport p from 'p';\nconsole.log(first, p.show());";
        Assert.Equal(["1 2", "1 2", "1 2"], [await RunAsync(node, entry: Imports, name: "main.mjs"), await RunAsync(node, entry: Imports, name: "main.mjs"), await RunAsync(node, Images(), Imports, "main.mjs")]);
        Assert.Empty(_told);
        Assert.Equal(1, ImageCount);
    }

    private ProjectImages Images(TimeProvider? time = null) => new(
        new RuntimeOptions(_folder.Path, new Dictionary<string, string>(StringComparer.Ordinal)) { Explain = _told.Add, Time = time ?? TimeProvider.System }, "test");

    private static NodeSandbox Node(string package)
    {
        var node = new NodeSandbox();
        Directory.CreateDirectory(node.Folder.Sub("node_modules/p"));
        Directory.CreateDirectory(node.Folder.Sub("node_modules/m"));
        node.Folder.Write("node_modules/p/index.js", package);
        return node;
    }

    private async Task<string> RunAsync(NodeSandbox node, ProjectImages? images = null, string entry = Entry, string name = "main.js")
    {
        var before = node.Printed.Length;
        node.Images = images ?? _images;
        var (output, exit) = await node.RunAsync(entry, name);
        Assert.Equal((string.Empty, new InstanceExit.Exited(0)), (exit is InstanceExit.Exited { Code: 0 } ? string.Empty : output, exit));
        return output[before..].TrimEnd('\n');
    }
}
