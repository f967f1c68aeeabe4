using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>Renames <c>ports</c> to <c>forwards</c> in every service of one file, so that merging and reading know one name only.</summary>
internal static class ServiceAliases
{
    private const string Name = "forwards";
    private const string Alias = "ports";

    public static MappingNode Resolve(MappingNode root, DiagnosticBag diagnostics) =>
        root.Value("services") is MappingNode services
            ? root.With("services", services.WithValues(entry => Rename(entry.Value, diagnostics)))
            : root;

    private static SourceNode Rename(SourceNode node, DiagnosticBag diagnostics)
    {
        if (node is not MappingNode service || service.Entry(Alias) is not { } alias)
        {
            return node;
        }

        if (service.Entry(Name) is { } name)
        {
            diagnostics.Report(
                ManifestDiagnostics.TwoNamesOfOneKey,
                alias.Key.Location,
                $"'{Alias}' is another name of '{Name}', which is written at {name.Key.Location.WithinFile}; "
                + "move the entries into one of the two");
            return service.WithEntries([.. service.Entries.Where(entry => !ReferenceEquals(entry, alias))]);
        }

        var renamed = alias with { Key = alias.Key.WithText(Name) };
        return service.WithEntries([.. service.Entries.Select(entry => ReferenceEquals(entry, alias) ? renamed : entry)]);
    }
}
