namespace Wasmrun.Runtimes.Projects;

/// <summary>Tells a project's language from the files at its top.</summary>
public static class LanguageDetector
{
    /// <summary>What to do about a folder that shows nothing.</summary>
    public const string Advice =
        "it has neither a package.json nor one of requirements.txt, pyproject.toml, app.py, main.py, wsgi.py, asgi.py, __main__.py; name the language with 'language'";

    private static readonly (string File, string Language)[] _marks =
    [
        ("package.json", "nodejs"),
        ("requirements.txt", "python"),
        ("pyproject.toml", "python"),
        ("app.py", "python"),
        ("main.py", "python"),
        ("wsgi.py", "python"),
        ("asgi.py", "python"),
        ("__main__.py", "python"),
        ("server.js", "nodejs"),
        ("index.js", "nodejs"),
        ("app.js", "nodejs"),
        ("main.js", "nodejs"),
        ("server.ts", "nodejs"),
        ("index.ts", "nodejs"),
        ("app.ts", "nodejs"),
        ("main.ts", "nodejs"),
    ];

    /// <summary>The language's name in the manifest, or null.</summary>
    public static string? Detect(string folder) => Array.Find(_marks, mark => File.Exists(Path.Combine(folder, mark.File))).Language;
}
