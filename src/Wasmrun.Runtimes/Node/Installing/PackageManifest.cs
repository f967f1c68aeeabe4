using System.Text.Json;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>What a package needs: the part of its <c>package.json</c> that says so, in a folder or in a registry's description.</summary>
internal sealed record PackageManifest
{
    /// <summary>Ranges of versions by name, optional ones not among them.</summary>
    public required IReadOnlyDictionary<string, string> Dependencies { get; init; }

    public required IReadOnlyDictionary<string, string> OptionalDependencies { get; init; }

    /// <summary>What the package wants to find beside itself, without what it can do without.</summary>
    public required IReadOnlyDictionary<string, string> PeerDependencies { get; init; }

    /// <summary>Names of dependencies that come in the package's own archive.</summary>
    public required IReadOnlyList<string> Bundled { get; init; }

    public required bool HasWorkspaces { get; init; }

    /// <summary>Of a package that needs nothing.</summary>
    public static PackageManifest Nothing { get; } = new()
    {
        Dependencies = new Dictionary<string, string>(StringComparer.Ordinal),
        OptionalDependencies = new Dictionary<string, string>(StringComparer.Ordinal),
        PeerDependencies = new Dictionary<string, string>(StringComparer.Ordinal),
        Bundled = [],
        HasWorkspaces = false,
    };

    public bool NeedsNothing => Dependencies.Count == 0 && OptionalDependencies.Count == 0 && PeerDependencies.Count == 0;

    /// <summary>Of a project; null when the folder has no <c>package.json</c>.</summary>
    /// <exception cref="ModuleLoadException">The file is not valid.</exception>
    public static PackageManifest? ReadFrom(string folder)
    {
        var path = Path.Combine(folder, "package.json");
        if (ProjectJson.Read(folder, "package.json") is not { } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : throw new ModuleLoadException($"{path} does not hold an object");
        }
        catch (JsonException e)
        {
            throw new ModuleLoadException($"{path} is not valid JSON: {e.Message}", e);
        }
    }

    public static PackageManifest Read(JsonElement json)
    {
        var optional = Map(json, "optionalDependencies");
        var peers = Map(json, "peerDependencies");
        if (json.TryGetProperty("peerDependenciesMeta", out var meta) && meta.ValueKind == JsonValueKind.Object)
        {
            foreach (var peer in meta.EnumerateObject().Where(peer => LockJson.Flag(peer.Value, "optional")))
            {
                peers.Remove(peer.Name);
            }
        }

        return new()
        {
            Dependencies = Map(json, "dependencies").Where(entry => !optional.ContainsKey(entry.Key)).ToDictionary(StringComparer.Ordinal),
            OptionalDependencies = optional,
            PeerDependencies = peers,
            Bundled = [.. LockJson.Texts(json, "bundleDependencies"), .. LockJson.Texts(json, "bundledDependencies")],
            HasWorkspaces = json.TryGetProperty("workspaces", out _),
        };
    }

    private static Dictionary<string, string> Map(JsonElement json, string name) =>
        json.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject()
                .Where(entry => entry.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!, StringComparer.Ordinal)
            : new(StringComparer.Ordinal);
}
