using System.Text.Json;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>A <c>package-lock.json</c> of version 2 or 3: every package of a project, with its place, its address and its hash.</summary>
/// <param name="Asked">The project's own dependencies that the lock was made for.</param>
/// <param name="Entries">In the order of the file.</param>
internal sealed record PackageLock(PackageManifest Asked, IReadOnlyList<LockEntry> Entries)
{
    /// <summary>Reads a lock file's content.</summary>
    /// <param name="path">Names the file in messages.</param>
    /// <exception cref="ModuleLoadException">It cannot be used; the message says why and what to do.</exception>
    public static PackageLock Parse(string content, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("packages", out var packages) || packages.ValueKind != JsonValueKind.Object)
            {
                throw new ModuleLoadException($"{path} is not a lock file of version 2 or 3; 'npm install --package-lock-only' of npm 7 or later writes one");
            }

            var asked = packages.TryGetProperty(string.Empty, out var project) ? project : default;
            return new(
                asked.ValueKind == JsonValueKind.Object ? PackageManifest.Read(asked) : PackageManifest.Nothing,
                [.. packages.EnumerateObject().Where(IsInstalled).Select(package => Read(package, path))]);
        }
        catch (JsonException e)
        {
            throw new ModuleLoadException($"{path} is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Others are the project itself and its workspaces, which are where they are.</summary>
    private static bool IsInstalled(JsonProperty package) =>
        package.Value.ValueKind == JsonValueKind.Object
        && (package.Name.StartsWith("node_modules/", StringComparison.Ordinal) || package.Name.Contains("/node_modules/", StringComparison.Ordinal))
        && !LockJson.Flag(package.Value, "extraneous");

    private static LockEntry Read(JsonProperty package, string path)
    {
        var json = package.Value;
        var place = package.Name;
        if (place.Contains('\\', StringComparison.Ordinal) || place.Split('/').Any(part => part is "" or "." or ".."))
        {
            throw new ModuleLoadException($"{path} is refused: its entry '{place}' leads out of the project");
        }

        var installed = place[(place.LastIndexOf("node_modules/", StringComparison.Ordinal) + "node_modules/".Length)..];
        var resolved = LockJson.Text(json, "resolved");
        var isLink = LockJson.Flag(json, "link");
        return new(place, new(LockJson.Text(json, "name") ?? installed, LockJson.Text(json, "version") ?? "0.0.0", LockJson.Text(json, "integrity") ?? string.Empty)
        {
            Address = !isLink && Uri.TryCreate(resolved, UriKind.Absolute, out var address) ? address : null,
        })
        {
            Source = isLink ? null : resolved,
            LinkTarget = isLink ? resolved ?? string.Empty : null,
            IsDevelopment = LockJson.Flag(json, "dev"),
            IsOptional = LockJson.Flag(json, "optional") || LockJson.Flag(json, "devOptional"),
            IsBundled = LockJson.Flag(json, "inBundle"),
            HasInstallScript = LockJson.Flag(json, "hasInstallScript"),
            Systems = LockJson.Texts(json, "os"),
            Processors = LockJson.Texts(json, "cpu"),
            Libraries = LockJson.Texts(json, "libc"),
        };
    }
}
