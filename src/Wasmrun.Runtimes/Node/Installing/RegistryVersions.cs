using System.Collections.Concurrent;
using System.Text.Json;
using Semver;
using Wasmrun.Runtimes.Packages;
using Wasmrun.Runtimes.Packages.Fetching;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>Finds the version of a package that a range means, as npm does.</summary>
/// <param name="lifetime">Ends whatever is still asked for.</param>
internal sealed class RegistryVersions(RegistryClient registry, CancellationToken lifetime)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<JsonElement>>> _descriptions = new(StringComparer.Ordinal);

    /// <summary>Begins to ask for a package that will be needed.</summary>
    public void Expect(string name) => _ = DescribeAsync(name);

    /// <summary>The newest version that the range allows; the one marked as latest if it does, and one that nobody advises against if there is one.</summary>
    /// <exception cref="PackageFetchException">There is none.</exception>
    public async Task<PackageVersion> FindAsync(string name, string range)
    {
        var description = await DescribeAsync(name);
        var tags = description.TryGetProperty("dist-tags", out var marked) && marked.ValueKind == JsonValueKind.Object ? marked : default;
        var versions = description.TryGetProperty("versions", out var all) && all.ValueKind == JsonValueKind.Object
            ? all
            : throw new PackageFetchException($"the registry's description of {name} has no versions");
        var latest = tags.ValueKind == JsonValueKind.Object ? LockJson.Text(tags, "latest") : null;
        if (tags.ValueKind == JsonValueKind.Object && LockJson.Text(tags, range) is { } tagged && versions.TryGetProperty(tagged, out var exact))
        {
            return Read(name, tagged, exact);
        }

        if (VersionRange.Parse(range) is { } wanted)
        {
            if (latest is not null && versions.TryGetProperty(latest, out var newest) && IsAllowed(wanted, latest))
            {
                return Read(name, latest, newest);
            }

            var best = versions.EnumerateObject()
                .Select(version => (version.Value, Number: SemVersion.TryParse(version.Name, SemVersionStyles.Strict, out var number) ? number : null!))
                .Where(version => version.Number is not null && wanted.Contains(version.Number))
                .OrderBy(version => LockJson.Text(version.Value, "deprecated") is { Length: > 0 })
                .ThenByDescending(version => version.Number, SemVersion.PrecedenceComparer)
                .FirstOrDefault();
            if (best.Number is not null)
            {
                return Read(name, best.Number.ToString(), best.Value);
            }
        }

        throw new PackageFetchException($"the registry has no version of {name} that '{range}' allows; its latest is {latest ?? "not known"}");
    }

    private static bool IsAllowed(SemVersionRange range, string version) =>
        SemVersion.TryParse(version, SemVersionStyles.Strict, out var number) && range.Contains(number);

    private Task<JsonElement> DescribeAsync(string name) => _descriptions.GetOrAdd(name, _ => new(async () =>
    {
        try
        {
            using var document = JsonDocument.Parse(await registry.DescribeAsync(name, lifetime));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new PackageFetchException($"the registry's description of {name} is not valid JSON ({e.Message}); is 'registry' in .npmrc the address of a registry?", e);
        }
    })).Value;

    private static PackageVersion Read(string name, string version, JsonElement json)
    {
        var dist = json.TryGetProperty("dist", out var found) && found.ValueKind == JsonValueKind.Object
            ? found
            : throw new PackageFetchException($"the registry's description of {name} {version} does not say where its archive is");
        var integrity = LockJson.Text(dist, "integrity") ?? (LockJson.Text(dist, "shasum") is { } digits ? $"sha1-{Convert.ToBase64String(Convert.FromHexString(digits))}" : string.Empty);
        return new(name, version, integrity, LockJson.Text(dist, "tarball"), PackageManifest.Read(json))
        {
            Systems = LockJson.Texts(json, "os"),
            Processors = LockJson.Texts(json, "cpu"),
            Libraries = LockJson.Texts(json, "libc"),
            HasInstallScript = LockJson.Flag(json, "hasInstallScript"),
        };
    }
}
