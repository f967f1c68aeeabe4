using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Tests.Manifest;

/// <summary>A folder with manifests and a module, <c>app.wasm</c>, and the environment they are loaded in.</summary>
internal sealed class Scenario : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Scenario(string? manifest = null)
    {
        Write("app.wasm", string.Empty);
        if (manifest is not null)
        {
            Write("wasmrun-compose.yaml", manifest);
        }
    }

    public string Folder => _folder.Path;

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public string Write(string name, string text) => _folder.Write(name, text);

    public string PathOf(string name) => Path.Combine(Folder, name);

    public ManifestResult Load(Func<ManifestRequest, ManifestRequest>? adjust = null)
    {
        var request = new ManifestRequest(Folder, Environment);
        return ManifestLoader.Load(adjust?.Invoke(request) ?? request);
    }

    /// <summary>The stack, which must have loaded without errors.</summary>
    public StackSpec Stack(Func<ManifestRequest, ManifestRequest>? adjust = null)
    {
        var result = Load(adjust);
        Assert.DoesNotContain(result.Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return Assert.IsType<StackSpec>(result.Stack);
    }

    public ServiceSpec Service(string name, Func<ManifestRequest, ManifestRequest>? adjust = null) =>
        Assert.Single(Stack(adjust).Services, service => service.Name == name);

    public void Dispose() => _folder.Dispose();

    /// <summary>A manifest with one service, <c>web</c>, that has the given keys beside its module.</summary>
    public static string Web(string keys) =>
        $"""
        services:
          web:
            module: ./app.wasm
            {keys.ReplaceLineEndings("\n").Replace("\n", "\n    ", StringComparison.Ordinal)}
        """;
}
