using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Interpolation;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Composition;

/// <summary>
/// Adds the services, networks, volumes, secrets and configs of included manifests to the file that includes them. An included manifest keeps
/// its own folder and <c>.env</c>; a name that is already taken is a finding, because neither side may silently win.
/// </summary>
internal sealed class IncludeResolver(LoadSession session, ManifestComposer composer)
{
    private const int DeepestInclude = 16;

    private static readonly string[] _sections = ["services", "networks", "volumes", "secrets", "configs"];

    /// <summary>The file with everything that it includes.</summary>
    /// <param name="chain">The files that led here, this one last.</param>
    public MappingNode Resolve(MappingNode root, VariableScope scope, IReadOnlyList<string> chain)
    {
        var whole = root;
        foreach (var item in session.Values.List(root.Value("include"), "'include'"))
        {
            if (ReadSet(item, scope) is { } set
                && MayInclude(set, item, chain)
                && composer.Compose(set, item.Location, chain) is { } included)
            {
                whole = Add(whole, included);
            }
        }

        return whole;
    }

    private ManifestFileSet? ReadSet(SourceNode item, VariableScope scope)
    {
        if (item is not MappingNode)
        {
            return session.Values.Text(item, "an entry of 'include'") is { } text
                ? SetOf([Resolve(text, item, scope)], item, directory: null, envFiles: [], scope)
                : null;
        }

        if (MappingReader.Open(item, "an entry of 'include'", ManifestKeys.Include, session.Values) is not { } reader)
        {
            return null;
        }

        var paths = Paths(reader.Find("path"), "'path'", scope);
        if (paths.Count == 0)
        {
            reader.RequiredText("path");
            return null;
        }

        var directory = reader.Text("project_directory") is { } written ? Resolve(written, item, scope) : null;
        return SetOf(paths, item, directory, Paths(reader.Find("env_file"), "'env_file'", scope), scope);
    }

    private ManifestFileSet SetOf(
        IReadOnlyList<string> paths, SourceNode item, string? directory, IReadOnlyList<string> envFiles, VariableScope scope)
    {
        var folder = directory ?? Path.GetDirectoryName(paths[0]) ?? paths[0];
        var inner = scope;
        foreach (var file in envFiles)
        {
            inner = inner.Under(session.EnvFiles.Load(file, item.Location, inner, required: true));
        }

        if (envFiles.Count == 0)
        {
            inner = inner.Under(session.EnvFiles.Load(Path.Combine(folder, ".env"), item.Location, inner, required: false));
        }

        return new ManifestFileSet([.. paths.Select(path => new ManifestFile(path, session.Sources.NameOf(path)))], folder, inner);
    }

    private bool MayInclude(ManifestFileSet set, SourceNode item, IReadOnlyList<string> chain)
    {
        if (set.Files.FirstOrDefault(file => chain.Contains(file.Path)) is { } again)
        {
            var circle = string.Join(
                " -> ", chain.SkipWhile(path => path != again.Path).Append(again.Path!).Select(session.Sources.NameOf));
            session.Diagnostics.Report(
                ManifestDiagnostics.IncludeCycle, item.Location, $"files include each other in a circle: {circle}; remove one 'include'");
            return false;
        }

        if (chain.Count <= DeepestInclude)
        {
            return true;
        }

        session.Diagnostics.Report(
            ManifestDiagnostics.IncludeCycle,
            item.Location,
            $"files are included more than {DeepestInclude} levels deep; shorten the chain");
        return false;
    }

    private MappingNode Add(MappingNode root, MappingNode included)
    {
        var whole = root;
        foreach (var section in _sections)
        {
            if (included.Entry(section) is { Value: MappingNode added } entry)
            {
                whole = whole.Value(section) is MappingNode own
                    ? whole.With(section, Add(own, added, section.TrimEnd('s')))
                    : whole.WithEntries([.. whole.Entries.Where(other => other.Key.Text != section), entry]);
            }
        }

        return whole;
    }

    private MappingNode Add(MappingNode own, MappingNode added, string what)
    {
        var entries = own.Entries.ToList();
        foreach (var entry in added.Entries)
        {
            if (own.Entry(entry.Key.Text) is not { } taken)
            {
                entries.Add(entry);
            }
            else if (taken.Key.Location != entry.Key.Location && !(IsEmpty(taken.Value) && IsEmpty(entry.Value)))
            {
                session.Diagnostics.Report(
                    ManifestDiagnostics.IncludedTwice,
                    taken.Key.Location,
                    $"the {what} '{taken.Key.Text}' is also declared in an included file ({entry.Key.Location}); "
                    + "rename one, or override it in a file of its own with -f");
            }
        }

        return own.WithEntries(entries);
    }

    private static bool IsEmpty(SourceNode node) => node is ScalarNode { IsNull: true } or MappingNode { Entries.Count: 0 };

    private IReadOnlyList<string> Paths(SourceNode? node, string what, VariableScope scope) =>
    [
        .. session.Values.DistinctTexts(session.Values.OneOrMany(node, what), what)
            .Select(entry => Resolve(entry.Text, entry.Node, scope)),
    ];

    private static string Resolve(string written, SourceNode place, VariableScope scope) =>
        HostPath.Resolve(written, place.Document.BaseDirectory, scope);
}
