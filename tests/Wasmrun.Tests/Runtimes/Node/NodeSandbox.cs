using Wasmrun.Network;
using Wasmrun.Runtimes;
using Wasmrun.Runtimes.Node;
using Wasmrun.Runtimes.Node.Baking;
using Wasmrun.Runtimes.Node.TypeScript;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Sandbox;
using Wasmrun.Tests.Sandbox;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>Runs scripts as Node.js programs. The runtime packages come from the registry, and without it the test is skipped.</summary>
internal sealed class NodeSandbox : IDisposable
{
    private static readonly string _packages = Path.Combine(Path.GetTempPath(), $"wasmrun-test-packages-{System.Environment.UserName}");

    private readonly TestSandbox _sandbox = new();
    private readonly RuntimeOptions _options = new(
        _packages,
        System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal));

    public TemporaryFolder Folder { get; } = new();

    /// <summary>What instances begin from instead of what earlier tests have left.</summary>
    public BootImage? Boot { get; init; }

    /// <summary>What the instance that is made next begins from, if it can.</summary>
    public ProjectImages? Images { get; set; }

    /// <summary>Takes what is printed instead of what <see cref="Printed"/> shows.</summary>
    public IGuestOutput? Output { get; init; }

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal) { ["GREETING"] = "hello" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Runs a script to its end, and answers what it has printed and how it ended.</summary>
    public async Task<(string Output, InstanceExit Exit)> RunAsync(string script, string name = "main.js", InstanceLimits? limits = null)
    {
        Folder.Write(name, script);
        await using var instance = await CreateAsync(name, limits);
        instance.Start();
        var exit = await instance.Completion.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
        return (_sandbox.Output.Text, exit);
    }

    public async Task<SandboxInstance> CreateAsync(string name, InstanceLimits? limits = null, int? input = null)
    {
        var (engine, libraries, boot, types) = await LoadAsync();
        return _sandbox.Engine.Create(engine, new()
        {
            Name = "guest-1",
            Arguments = ["node", .. Arguments],
            Environment = Environment,
            Mounts = [new GuestMount.Host("/app", Folder.Path, ReadOnly: false), new GuestMount.Temporary("/tmp", 16 << 20)],
            Network = Network = _sandbox.Network(),
            Output = Output ?? _sandbox.Output,
            StandardInput = input,
            Limits = limits ?? new(),
            Driver = () => new NodeDriver(new($"/app/{name}", "/app", libraries) { Boot = Boot ?? boot, Images = Images, Types = types }),
        });
    }

    /// <summary>What the program that is run is called with, beside its own name.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>Of the instance that was made last.</summary>
    public NetworkNamespace? Network { get; private set; }

    public string Printed => _sandbox.Output.Text;

    public Task Saw(string text) => _sandbox.Output.Saw(text);

    public void Dispose()
    {
        _sandbox.Dispose();
        Folder.Dispose();
    }

    private async Task<(CompiledModule Engine, NodeLibraries Libraries, BootImage Boot, TypeStripper? Types)> LoadAsync()
    {
        try
        {
            var (engine, libraries, boot, _) = await new NodeRuntime(_sandbox.Engine, _options).LoadAsync(projectFolder: null, Token);
            return (engine, libraries, boot, await TypeScriptPackage.GetAsync(_sandbox.Engine, _options, Folder.Path, Token));
        }
        catch (PackageFetchException e)
        {
            Assert.Skip($"the runtime packages are not to be had: {e.Message}");
            throw;
        }
    }
}
