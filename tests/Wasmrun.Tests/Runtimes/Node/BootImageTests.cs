using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Instances that begin as another one was after its boot: what is the instance's own must be the instance's own.</summary>
public sealed class BootImageTests : IDisposable
{
    private const string Script = "console.log(process.env.GREETING, process.env.OTHER, process.argv.slice(2).join(), Date.now() - performance.timeOrigin < 60000, process.uptime() < 60);";

    private readonly TemporaryFolder _folder = new();

    private string ImageFolder => Path.Combine(_folder.Path, "images");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FirstInstance_LeavesAnImageThatOthersBeginFrom()
    {
        Assert.Equal("hello undefined  true true\n", await RunAsync(Script));
        var image = Assert.Single(Directory.GetFiles(ImageFolder));
        var written = File.ReadAllBytes(image);

        Assert.Equal("hello undefined  true true\n", await RunAsync(Script));
        Assert.Equal(written, File.ReadAllBytes(image));
    }

    [Fact]
    public async Task Instance_HasItsOwnEnvironmentAndArguments()
    {
        await RunAsync(Script);

        var output = await RunAsync(Script, node =>
        {
            node.Environment["GREETING"] = "goodbye";
            node.Environment["OTHER"] = "new";
            node.Arguments.AddRange(["one", "two"]);
        });

        Assert.Equal("goodbye new one,two true true\n", output);
    }

    [Fact]
    public async Task Instance_HasItsOwnRandomNumbers()
    {
        const string Random = "console.log(Math.random(), require('crypto').randomUUID())";
        await RunAsync(Random);
        var outputs = new[] { await RunAsync(Random), await RunAsync(Random), await RunAsync(Random) };

        Assert.Equal(3, outputs.SelectMany(output => output.Split(' ')[..1]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(3, outputs.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Image_HoldsNothingOfTheProjectThatLeftIt()
    {
        await RunAsync("globalThis.left = 'behind'; Array.prototype.left = 1; process.env.LEFT = 'x'; console.log(process.env.SECRET)", node => node.Environment["SECRET"] = "correct horse battery");

        Assert.Equal("undefined undefined undefined\n", await RunAsync("console.log(globalThis.left, [].left, process.env.LEFT)"));
        Assert.False(File.ReadAllBytes(Assert.Single(Directory.GetFiles(ImageFolder))).AsSpan().IndexOf("correct horse battery"u8) >= 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task Image_ThatIsDamagedIsNotUsed(int keptBytes)
    {
        await RunAsync(Script);
        var path = Assert.Single(Directory.GetFiles(ImageFolder));
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..keptBytes]);
        Assert.Null(ImageFile.Read(path, TimeProvider.System));

        bytes[^5000] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Null(ImageFile.Read(path, TimeProvider.System));
        Assert.Equal("hello undefined  true true\n", await RunAsync(Script));
        Assert.NotNull(ImageFile.Read(path, TimeProvider.System));
    }

    [Fact]
    public async Task Instance_WithLessMemoryThanTheImageSaysSo()
    {
        await RunAsync(Script);
        using var node = new NodeSandbox { Boot = Boot() };

        var (output, exit) = await node.RunAsync(Script, limits: new InstanceLimits { MemoryBytes = 2 << 20 });

        Assert.True(exit is not InstanceExit.Exited { Code: 0 }, output);
    }

    private BootImage Boot() => new(new RuntimeOptions(_folder.Path, new Dictionary<string, string>(StringComparer.Ordinal)), "test");

    /// <summary>In a process of its own, as far as images go.</summary>
    private async Task<string> RunAsync(string script, Action<NodeSandbox>? prepare = null)
    {
        using var node = new NodeSandbox { Boot = Boot() };
        prepare?.Invoke(node);
        var (output, exit) = await node.RunAsync(script);
        Assert.Equal(new InstanceExit.Exited(0), exit);
        return output;
    }
}
