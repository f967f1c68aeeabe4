using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>
/// Makes one tree out of several files: each is read, its services extended and what it includes added, then it is merged over
/// the files before it.
/// </summary>
internal sealed class ManifestComposer(LoadSession session)
{
    private readonly StackMerger _merger = new(session.Values);

    /// <summary>Null, with diagnostics, when no file could be read.</summary>
    public MappingNode? Compose(ManifestFileSet set) =>
        Compose(set, askedAt: null, chain: []) is { } root ? (MappingNode)TreeMerger.Prune(root) : null;

    /// <summary>The merged tree of one set of files.</summary>
    /// <param name="chain">The included files that led here, by absolute path, the outermost first.</param>
    internal MappingNode? Compose(ManifestFileSet set, SourceLocation? askedAt, IReadOnlyList<string> chain)
    {
        var reader = new ManifestFileReader(session, set.Scope);
        MappingNode? merged = null;
        foreach (var file in set.Files)
        {
            if (ReadDocument(file, set.BaseDirectory, askedAt) is { } document && reader.Read(document) is { } root)
            {
                var extended = new ExtendsResolver(session, _merger, reader).Resolve(root);
                var including = file.Path is null ? chain : [.. chain, file.Path];
                var whole = new IncludeResolver(session, this).Resolve(extended, set.Scope, including);
                merged = merged is null ? whole : _merger.Stacks(merged, whole);
            }
            else
            {
                session.IsIncomplete = true;
            }
        }

        return merged;
    }

    private SourceDocument? ReadDocument(ManifestFile file, string baseDirectory, SourceLocation? askedAt) =>
        file.Path is { } path
            ? session.Sources.ReadFile(path, file.Name, baseDirectory, askedAt)
            : session.Sources.ReadStandardInput(baseDirectory);
}
