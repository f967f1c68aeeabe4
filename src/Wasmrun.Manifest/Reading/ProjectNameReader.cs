using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>
/// Decides what the project is called: as the user asked for on the command line, else as the manifest says, else as its folder.
/// </summary>
internal static class ProjectNameReader
{
    private const string Key = "name";

    /// <summary>A valid name, or an empty one with a diagnostic.</summary>
    public static string Read(string? requested, MappingNode root, string directory, ValueReader values)
    {
        if (requested is not null)
        {
            return Check(requested, new SourceLocation("command line", 1, 1), values.Diagnostics);
        }

        if (root.Value(Key) is { } node and not ScalarNode { IsNull: true })
        {
            return values.Text(node, $"'{Key}'") is { } written ? Check(written, node.Location, values.Diagnostics) : string.Empty;
        }

        if (NameRules.Normalize(Path.GetFileName(directory)) is { } name)
        {
            return name;
        }

        values.Diagnostics.Report(
            ManifestDiagnostics.BadProjectName,
            root.Location,
            $"the folder '{directory}' gives the project no usable name; add 'name:' to the manifest");
        return string.Empty;
    }

    private static string Check(string name, SourceLocation location, DiagnosticBag diagnostics)
    {
        if (NameRules.IsValid(name))
        {
            return name;
        }

        var nearest = NameRules.Normalize(name);
        diagnostics.Report(
            ManifestDiagnostics.BadProjectName,
            location,
            $"'{name}' cannot name a project: {NameRules.Rule}{(nearest is null ? string.Empty : $"; for example '{nearest}'")}");
        return string.Empty;
    }
}
