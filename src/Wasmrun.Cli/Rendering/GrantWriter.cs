using Wasmrun.Manifest.Specs;

namespace Wasmrun.Cli.Rendering;

/// <summary>Writes secrets and configs: what each service is granted, and what of that the stack declares. A secret is named, never shown.</summary>
internal static class GrantWriter
{
    internal static void AddDeclarations(Dictionary<string, object> root, StackSpec stack)
    {
        foreach (var kind in stack.Services.SelectMany(Grants).GroupBy(grant => grant.Kind))
        {
            root[Key(kind.Key)] = kind.DistinctBy(grant => grant.Name, StringComparer.Ordinal)
                .ToDictionary(grant => grant.Name, grant => Source(grant.Source), StringComparer.Ordinal);
        }
    }

    internal static void AddGrants(Dictionary<string, object> written, ServiceSpec service)
    {
        foreach (var kind in Grants(service).GroupBy(grant => grant.Kind))
        {
            written[Key(kind.Key)] = kind.Select(grant => Pair("source", grant.Name, "target", ManifestWriter.Escape(grant.Target))).ToList();
        }
    }

    private static IEnumerable<MountSpec.Granted> Grants(ServiceSpec service) => service.Mounts.OfType<MountSpec.Granted>();

    private static string Key(GrantKind kind) => kind == GrantKind.Secret ? "secrets" : "configs";

    private static Dictionary<string, object> Source(GrantSource source) => new(StringComparer.Ordinal)
    {
        [source.File is not null ? "file" : source.Variable is not null ? "environment" : "content"] =
            source.Variable ?? ManifestWriter.Escape(source.File ?? source.Content ?? string.Empty),
    };

    private static Dictionary<string, object> Pair(string key, string value, string otherKey, string otherValue) =>
        new(StringComparer.Ordinal) { [key] = value, [otherKey] = otherValue };
}
