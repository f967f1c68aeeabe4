using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>Looks at a folder as a Python project: what starts it, and where its packages lie.</summary>
internal static class PythonProject
{
    private static readonly string[] _usual = ["app.py", "main.py", "wsgi.py", "__main__.py"];

    private static readonly string[] _packageFolders = ["__pypackages__", "vendor", "site-packages"];

    /// <summary>A file relative to the folder, or <c>module:name</c> for an application that is to be served.</summary>
    /// <exception cref="ModuleLoadException">There is none.</exception>
    public static string FindEntry(string folder, string? written, IReadOnlyDictionary<string, string> environment)
    {
        if ((written ?? environment.GetValueOrDefault("FLASK_APP")) is { } asked)
        {
            var isFile = File.Exists(Path.GetFullPath(asked, folder));
            return isFile || asked.Contains(':', StringComparison.Ordinal) ? asked
                : File.Exists(Path.Combine(folder, $"{asked}.py")) ? $"{asked}.py"
                : throw new ModuleLoadException($"the entrypoint '{asked}' is not in the project '{folder}'");
        }

        return Array.Find(_usual, name => File.Exists(Path.Combine(folder, name)))
            ?? throw new ModuleLoadException($"the project '{folder}' has none of {string.Join(", ", _usual)}; set 'entrypoint'");
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
    }
}
