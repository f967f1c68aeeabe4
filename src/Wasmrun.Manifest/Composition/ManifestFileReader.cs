using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Interpolation;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>
/// Takes one manifest from its text to a tree that is ready to be merged: parsed, variables replaced, one name for each key.
/// </summary>
internal sealed class ManifestFileReader(LoadSession session, VariableScope scope)
{
    private readonly Dictionary<string, MappingNode?> _extended = new(StringComparer.Ordinal);

    /// <summary>Null, with a diagnostic, when the text is not a manifest.</summary>
    public MappingNode? Read(SourceDocument document)
    {
        var hadErrors = session.Diagnostics.ErrorCount;
        var root = YamlTreeReader.Read(document, session.Budget, session.Diagnostics);
        if (root is null or ScalarNode { IsNull: true })
        {
            if (session.Diagnostics.ErrorCount == hadErrors)
            {
                session.Diagnostics.Report(
                    ManifestDiagnostics.EmptyManifest,
                    document.At(1, 1),
                    "the manifest is empty; it needs at least one service under 'services'");
            }

            return null;
        }

        var interpolator = new TreeInterpolator(new Interpolator(scope.Lookup, session.Diagnostics));
        if (interpolator.Expand(root) is MappingNode mapping)
        {
            return ServiceAliases.Resolve(mapping, session.Diagnostics);
        }

        session.Values.ReportType(root, "the manifest", "a mapping");
        return null;
    }

    /// <summary>The manifest that a service extends, read once; its relative paths start from its own folder.</summary>
    public MappingNode? ReadExtended(string written, SourceNode place)
    {
        var path = HostPath.Resolve(written, place.Document.BaseDirectory, scope);
        if (!_extended.TryGetValue(path, out var root))
        {
            var document = session.Sources.ReadFile(
                path, session.Sources.NameOf(path), Path.GetDirectoryName(path) ?? path, place.Location);
            root = document is null ? null : Read(document);
            _extended.Add(path, root);
        }

        return root;
    }
}
