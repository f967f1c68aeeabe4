using Wasmrun.Manifest.Composition;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Interpolation;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Validation;

namespace Wasmrun.Manifest.Loading;

/// <summary>
/// From files to a validated stack: find them, merge them into one tree, read the tree, check the whole. Never throws for
/// anything the user wrote or any state the files are in; all of that comes back as diagnostics, and all of it at once.
/// </summary>
public static class ManifestLoader
{
    private static readonly Dictionary<string, string> _none = new(StringComparer.Ordinal);

    /// <summary>Findings that only say that something is not there.</summary>
    private static readonly HashSet<string> _aboutAbsence = new[]
    {
        ManifestDiagnostics.NoServices, ManifestDiagnostics.NothingToRun, ManifestDiagnostics.UnknownDependency,
        ManifestDiagnostics.OptionalDependencyLeftOut, ManifestDiagnostics.UnknownNetwork, ManifestDiagnostics.UnknownVolume,
    }.Select(descriptor => descriptor.Code).ToHashSet();

    /// <summary>Loads the stack that the request describes.</summary>
    public static ManifestResult Load(ManifestRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var session = new LoadSession(Path.GetFullPath(request.WorkingDirectory), request.StandardInput, request.StandardInputLines);
        var files = Files(request, session);
        if (files.Count == 0)
        {
            return Result(session, null, []);
        }

        var directory = request.ProjectDirectory is { } written
            ? Absolute(written, session)
            : files[0].Path is { } first ? Path.GetDirectoryName(first) ?? first : session.Sources.WorkingDirectory;
        var scope = Scope(request, directory, session);
        var set = new ManifestFileSet(files, directory, scope);
        if (new ManifestComposer(session).Compose(set) is not { } root)
        {
            return Result(session, null, []);
        }

        var profiles = new ProfileSelection([.. request.Profiles]);
        var context = new ReadContext(session.Values, scope, session.EnvFiles, session.Budget, profiles);
        var name = ProjectNameReader.Read(request.ProjectName, root, directory, session.Values);
        var stack = new StackReader(context).Read(root, name, directory);
        stack = stack with { Files = [.. files.Select(file => file.Path).OfType<string>().Union(session.Sources.Paths)] };
        var variables = request.EnvFiles.Count == 0 ? [Path.Combine(directory, ".env")] : Array.Empty<string>();
        stack = stack with { Services = TrustedProjects.Protect(stack.Services, [.. stack.Files, .. variables]) };
        return Result(session, StackValidator.Validate(stack, root.Location, profiles, session.Diagnostics), stack.Services);
    }

    /// <summary>What is wrong with a stack that was put together of several, though nothing is with each of them.</summary>
    public static IReadOnlyList<Diagnostic> Recheck(StackSpec stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        var diagnostics = new DiagnosticBag();
        new ForwardConflictValidator(diagnostics).Validate(stack.Services);
        return diagnostics.Items;
    }

    private static IReadOnlyList<ManifestFile> Files(ManifestRequest request, LoadSession session)
    {
        if (request.Files.Count == 0)
        {
            return [.. ManifestLocator.Find(session.Sources.WorkingDirectory, session.Diagnostics).Select(path => new ManifestFile(
                path, session.Sources.NameOf(path)))];
        }

        return
        [
            .. request.Files.Select(file => file == "-"
                ? new ManifestFile(null, SourceReader.StandardInputName)
                : new ManifestFile(Absolute(file, session), file)),
        ];
    }

    private static VariableScope Scope(ManifestRequest request, string directory, LoadSession session)
    {
        var scope = new VariableScope(request.Environment, _none);
        if (request.EnvFiles.Count == 0)
        {
            return scope.Over(session.EnvFiles.Load(Path.Combine(directory, ".env"), askedAt: null, scope, required: false));
        }

        return request.EnvFiles.Aggregate(
            scope,
            (before, file) => before.Over(session.EnvFiles.Load(Absolute(file, session), askedAt: null, before, required: true)));
    }

    private static string Absolute(string path, LoadSession session) =>
        Path.GetFullPath(path.Replace('\0', '\uFFFD'), session.Sources.WorkingDirectory);

    private static ManifestResult Result(LoadSession session, StackSpec? stack, IReadOnlyList<ServiceSpec> declared)
    {
        var worthSaying = session.Diagnostics.Items.Where(item => !session.IsIncomplete || !_aboutAbsence.Contains(item.Code));
        return new ManifestResult(
            session.Diagnostics.HasErrors ? null : stack,
            session.Sources.Texts.Sort(worthSaying),
            session.Sources.Texts,
            [.. declared.SelectMany(service => service.Profiles).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }
}
