using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads what a service runs: exactly one of <c>module</c> and <c>project</c>, and the module must be there.</summary>
internal sealed class ModuleReader(ReadContext context)
{
    private const int SiblingsLookedAt = 2000;

    private static readonly string[] _extensions = [".wasm", ".wat"];

    /// <summary>Reads and checks the module.</summary>
    /// <param name="mustExist">False for a service that no active profile includes: it may not have been built yet, or is built by its own command.</param>
    /// <returns>The absolute path of the module, or null.</returns>
    public string? Read(MappingReader service, string name, SourceNode place, bool mustExist)
    {
        var module = service.Node.Entry("module");
        var project = service.Node.Entry("project");
        if (module is not null && project is not null)
        {
            var second = module.Key.Location.Line >= project.Key.Location.Line ? module : project;
            context.Diagnostics.Report(
                ManifestDiagnostics.TwoThingsToRun,
                second.Key.Location,
                $"service '{name}' has both 'module' and 'project'; keep one of the two");
        }

        if (service.Find("module") is { } node)
        {
            return context.Values.Text(node, "'module'") is { } written ? Check(written, node, mustExist) : null;
        }

        // A service whose base was not found keeps the key, and has been reported.
        if (project is null && service.Node.Entry("extends") is null)
        {
            context.Diagnostics.Report(
                ManifestDiagnostics.NothingToRun, place.Location, $"service '{name}' names nothing to run; add 'module: ./{name}.wasm' or 'project: ./{name}'");
        }

        return null;
    }

    private string? Check(string written, SourceNode node, bool mustExist)
    {
        var path = HostPath.Resolve(written, node.Document.BaseDirectory, context.Scope);
        if (Directory.Exists(path))
        {
            context.Diagnostics.Report(
                ManifestDiagnostics.ModuleNotUsable,
                node.Location,
                $"the module '{written}' is a folder; name the .wasm or .wat file in it");
            return null;
        }

        if (path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal))
        {
            context.Diagnostics.Report(
                ManifestDiagnostics.ModuleNotUsable,
                node.Location,
                $"the module '{written}' is an open descriptor of the shell, and no file; write the module to a .wasm or .wat file and name that");
            return null;
        }

        if (!_extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
        {
            context.Diagnostics.Report(
                ManifestDiagnostics.ModuleNotUsable,
                node.Location,
                $"the module '{written}' is not a .wasm or .wat file; compile it to WebAssembly and name the result");
            return null;
        }

        if (mustExist && !File.Exists(path))
        {
            var hint = context.Diagnostics.DidYouMean(Path.GetFileName(path), Siblings(path));
            context.Diagnostics.Report(
                ManifestDiagnostics.ModuleNotFound,
                node.Location,
                $"the module '{written}' does not exist{(hint.Length > 0 ? hint : "; build it, or correct the path")}");
        }

        return path;
    }

    private static IReadOnlyList<string> Siblings(string path)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(Path.GetDirectoryName(path) ?? path)
                    .Take(SiblingsLookedAt)
                    .Where(file => _extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                    .Select(file => Path.GetFileName(file)),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // only a suggestion is lost
        }
    }
}
