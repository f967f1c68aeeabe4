using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>Looks at a folder as a Python project: what starts it, and where its packages lie.</summary>
internal static class PythonProject
{
    /// <summary>Where packages are installed for wasmrun alone, relative to the project.</summary>
    public const string InstalledFolder = ".wasmrun/site-packages";

    private const string FlaskVariable = "FLASK_APP";

    private static readonly string[] _usual = ["app.py", "main.py", "wsgi.py", "asgi.py", "__main__.py"];

    private static readonly string[] _packageFolders = ["__pypackages__", "vendor", "site-packages", InstalledFolder];

    /// <summary>What was asked for, what the environment or the project file names, or the first of the usual files.</summary>
    /// <exception cref="ModuleLoadException">There is none.</exception>
    public static PythonEntry FindEntry(string folder, string? written, IReadOnlyDictionary<string, string> environment)
    {
        if (written is not null)
        {
            return Understand(folder, written);
        }

        if (environment.GetValueOrDefault(FlaskVariable) is { Length: > 0 } flask)
        {
            return PythonEntry.App(flask);
        }

        var project = PythonProjectFile.Read(folder);
        return project switch
        {
            { Entrypoint: { } entrypoint } => Understand(folder, entrypoint),
            { Scripts: [var script] } => PythonEntry.Call(script),
            _ => PythonEntry.File(
                Array.Find(_usual, name => File.Exists(Path.Combine(folder, name)))
                ?? throw new ModuleLoadException($"the project '{folder}' has none of {string.Join(", ", _usual)}; set 'entrypoint'")),
        };
    }

    /// <summary>The folders with the project's packages, as the guest sees them.</summary>
    public static IEnumerable<string> FindPackages(string folder)
    {
        foreach (var environment in (string[])[".venv", "venv"])
        {
            var library = Path.Combine(folder, environment, "lib");
            foreach (var version in Directory.Exists(library) ? Directory.GetDirectories(library, "python3*") : [])
            {
                yield return $"{ProjectMount.GuestPath}/{environment}/lib/{Path.GetFileName(version)}/site-packages";
            }
        }

        foreach (var name in _packageFolders.Where(name => Directory.Exists(Path.Combine(folder, name))))
        {
            yield return $"{ProjectMount.GuestPath}/{name}";
        }

        var installed = Path.Combine(folder, _packageFolders[0]);
        foreach (var version in Directory.Exists(installed) ? Directory.GetDirectories(installed) : [])
        {
            if (Directory.Exists(Path.Combine(version, "lib")))
            {
                yield return $"{ProjectMount.GuestPath}/{_packageFolders[0]}/{Path.GetFileName(version)}/lib";
            }
        }
    }

    /// <summary>A file, a folder with a <c>__main__.py</c>, a module's name, or an application after a colon.</summary>
    private static PythonEntry Understand(string folder, string entry)
    {
        var path = Path.GetFullPath(entry, folder);
        return File.Exists(path) ? PythonEntry.File(entry)
            : File.Exists(Path.Combine(path, "__main__.py")) ? PythonEntry.File($"{entry.TrimEnd('/')}/__main__.py")
            : entry.Contains(':', StringComparison.Ordinal) ? PythonEntry.App(entry)
            : File.Exists($"{path}.py") ? PythonEntry.File($"{entry}.py")
            : throw new ModuleLoadException($"the entrypoint '{entry}' is not in the project '{folder}'; name a file, or an application as 'module:name'");
    }
}
