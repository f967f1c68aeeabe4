using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>Writes chosen versions as a lock file of version 3, which npm reads too.</summary>
internal static class LockWriter
{
    private static readonly JsonWriterOptions _options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(PackageManifest project, IReadOnlyList<ResolvedPackage> packages)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, _options))
        {
            json.WriteStartObject();
            json.WriteNumber("lockfileVersion", 3);
            json.WriteBoolean("requires", value: true);
            json.WriteStartObject("packages");
            json.WriteStartObject(string.Empty);
            WriteNeeds(json, project);
            json.WriteEndObject();
            foreach (var package in packages)
            {
                Write(json, package);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void Write(Utf8JsonWriter json, ResolvedPackage package)
    {
        var version = package.Version;
        json.WriteStartObject(package.Path);
        if (!package.Path.EndsWith($"node_modules/{version.Name}", StringComparison.Ordinal))
        {
            json.WriteString("name", version.Name);
        }

        json.WriteString("version", version.Version);
        if (version.Archive is not null)
        {
            json.WriteString("resolved", version.Archive);
        }

        json.WriteString("integrity", version.Integrity);
        WriteFlag(json, "optional", package.IsOptional);
        WriteFlag(json, "hasInstallScript", version.HasInstallScript);
        WriteList(json, "os", version.Systems);
        WriteList(json, "cpu", version.Processors);
        WriteList(json, "libc", version.Libraries);
        WriteNeeds(json, version.Manifest);
        json.WriteEndObject();
    }

    private static void WriteNeeds(Utf8JsonWriter json, PackageManifest manifest)
    {
        WriteMap(json, "dependencies", manifest.Dependencies);
        WriteMap(json, "optionalDependencies", manifest.OptionalDependencies);
        WriteMap(json, "peerDependencies", manifest.PeerDependencies);
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        if (map.Count == 0)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (key, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteFlag(Utf8JsonWriter json, string name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, value);
        }
    }
}
