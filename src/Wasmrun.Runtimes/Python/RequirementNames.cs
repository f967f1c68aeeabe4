using System.Text.RegularExpressions;
using Wasmrun.Runtimes.Projects;

namespace Wasmrun.Runtimes.Python;

/// <summary>The packages that a Python project says it needs, in <c>requirements.txt</c> and <c>pyproject.toml</c>.</summary>
internal static partial class RequirementNames
{
    public const string FileName = "requirements.txt";

    private const int MaxDepth = 8;

    /// <summary>Names as PEP 503 normalises them; without those that are needed only under some condition.</summary>
    public static IReadOnlyList<string> Of(string project)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        AddFile(project, FileName, names, depth: 0);
        foreach (var requirement in PythonProjectFile.Read(project).Dependencies)
        {
            Add(requirement, names);
        }

        return [.. names];
    }

    /// <summary>The name under which a package is the same however it is written.</summary>
    public static string Normalize(string name) => Separators().Replace(name, "-").ToLowerInvariant();

    private static void AddFile(string project, string file, SortedSet<string> names, int depth)
    {
        if (depth > MaxDepth || ProjectText.Read(project, file) is not { } text)
        {
            return;
        }

        foreach (var line in text.Replace("\\\r\n", " ", StringComparison.Ordinal).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries))
        {
            if (Include().Match(line) is { Success: true } included)
            {
                AddFile(project, Path.Combine(Path.GetDirectoryName(file)!, included.Groups["file"].Value), names, depth + 1);
            }
            else
            {
                Add(line, names);
            }
        }
    }

    /// <summary>What follows the name, extras and versions, does not matter; a condition after a semicolon may not hold here.</summary>
    private static void Add(string requirement, SortedSet<string> names)
    {
        var text = requirement.Split(" #")[0].Trim();
        if (!text.Contains(';', StringComparison.Ordinal) && Requirement().Match(text) is { Success: true } match)
        {
            names.Add(Normalize(match.Groups["name"].Value));
        }
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:$|[<>=!~@(\s])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Requirement();

    [GeneratedRegex(@"^(?:-r|--requirement)[\s=]+(?<file>\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Include();

    [GeneratedRegex("[-_.]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Separators();
}
