using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>project</c>, a folder with source code, and holds the keys that only a project has against it.</summary>
internal sealed class ProjectReader(ReadContext context)
{
    private static readonly string[] _keysOfProjects = ["language", "entrypoint", "working_dir"];

    /// <summary>The languages by every name that they may be written with.</summary>
    private static readonly Dictionary<string, string> _languages = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["nodejs"] = "nodejs",
        ["node"] = "nodejs",
        ["js"] = "nodejs",
        ["javascript"] = "nodejs",
        ["python"] = "python",
        ["py"] = "python",
    };

    /// <summary>Reads the project's absolute path, or null.</summary>
    /// <param name="mustExist">False for a service that no active profile includes.</param>
    public string? Read(MappingReader service, bool mustExist)
    {
        if (service.Find("project") is not { } node)
        {
            ReportKeysOfProjects(service);
            return null;
        }

        if (context.Values.Text(node, "'project'") is not { } written)
        {
            return null;
        }

        var path = Path.TrimEndingDirectorySeparator(HostPath.Resolve(written, node.Document.BaseDirectory, context.Scope));
        if (mustExist && !Directory.Exists(path))
        {
            context.Diagnostics.Report(
                ManifestDiagnostics.ProjectNotFound, node.Location, $"the project '{written}' is not a folder; correct the path, or name a module with 'module'");
        }

        return path;
    }

    /// <summary>Reads the language by the name that everything else knows it by.</summary>
    public string? ReadLanguage(MappingReader service)
    {
        if (service.Find("language") is not { } node || context.Values.Text(node, "'language'") is not { } written)
        {
            return null;
        }

        if (_languages.TryGetValue(written, out var language))
        {
            return language;
        }

        context.Diagnostics.Report(
            ManifestDiagnostics.UnknownValue,
            node.Location,
            $"'{written}' is not a language that projects can be written in; it is one of nodejs, python{context.Diagnostics.DidYouMean(written, _languages.Keys)}");
        return null;
    }

    /// <summary>Reads the absolute path in the guest where the program starts; relative paths begin at the project.</summary>
    public string? ReadWorkingDirectory(MappingReader service)
    {
        if (service.Find("working_dir") is not { } node || context.Values.Text(node, "'working_dir'") is not { } written)
        {
            return null;
        }

        if (GuestPath.TryNormalize(written.StartsWith('/') ? written : $"{GuestPath.Project}/{written}", out var path))
        {
            return path;
        }

        context.Values.ReportType(node, "'working_dir'", "a path without '..'");
        return null;
    }

    private void ReportKeysOfProjects(MappingReader service)
    {
        if (service.Node.Entry("extends") is not null)
        {
            return;
        }

        foreach (var key in _keysOfProjects)
        {
            if (service.Node.Entry(key) is { } entry)
            {
                context.Diagnostics.Report(
                    ManifestDiagnostics.ProjectKeyWithoutProject, entry.Key.Location, $"'{key}' is for a 'project', and this service has none; remove it");
            }
        }
    }
}
