using MAB.DotIgnore;

namespace Wasmrun.Reconciliation.Watching;

/// <summary>
/// Which files below a watched folder do not count: what no developer means (version control, installed packages, caches, logs, databases), what
/// the <c>.gitignore</c> files of the repository say, and what the manifest adds. Later rules win over earlier ones.
/// </summary>
internal sealed class IgnoreRules
{
    private const string FileName = ".gitignore";

    private static readonly string[] s_usual =
    [
        ".git/", ".hg/", ".svn/", "node_modules/", "__pycache__/", ".venv/", "venv/", ".mypy_cache/", ".pytest_cache/", ".ruff_cache/",
        ".DS_Store", "*.swp", "*.swx", "*~", ".#*", "*.pyc",
        "*.log", "*.db", "*.db-journal", "*.db-shm", "*.db-wal", "*.sqlite", "*.sqlite-*", "*.sqlite3", "*.sqlite3-*",
    ];

    private readonly string _base;
    private readonly IgnoreList _list = new();
    private readonly IgnoreList? _own;
    private readonly IgnoreList? _include;
    private readonly string _root;

    private IgnoreRules(string root, string baseFolder, WatchRule rule)
    {
        _root = root;
        _base = baseFolder;
        _own = rule.Ignore.Count > 0 ? new(rule.Ignore) : null;
        _include = rule.Include.Count > 0 ? new(rule.Include) : null;
        foreach (var pattern in s_usual)
        {
            _list.AddRule(pattern);
        }
    }

    /// <summary>The rules for a folder as its repository has them now.</summary>
    public static IgnoreRules For(WatchRule rule)
    {
        var chain = new List<string>();
        for (var folder = Path.GetDirectoryName(rule.Path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            chain.Insert(0, folder);
            if (Path.Exists(Path.Combine(folder, ".git")))
            {
                var rules = new IgnoreRules(rule.Path, folder, rule);
                chain.ForEach(rules.Enter);

                // A folder that is named expressly counts, also if the repository ignores it.
                return rules.IsIgnoredByList(rule.Path, isFolder: true) ? new IgnoreRules(rule.Path, rule.Path, rule) : rules;
            }
        }

        return new IgnoreRules(rule.Path, rule.Path, rule);
    }

    /// <summary>Takes in the rules that lie in this folder, before what is in it is judged.</summary>
    public void Enter(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            return;
        }

        try
        {
            var prefix = Relative(_base, folder);
            foreach (var pattern in File.ReadLines(file).Select(line => Anchor(prefix, line)).OfType<string>())
            {
                _list.AddRule(pattern);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // What nobody can read ignores nothing.
        }
    }

    public bool IsIgnored(string path, bool isFolder)
    {
        var own = Relative(_root, path);
        return (_own?.IsIgnored(own, isFolder) ?? false)
            || (!isFolder && _include is not null && !_include.IsIgnored(own, pathIsDirectory: false))
            || IsIgnoredByList(path, isFolder);
    }

    private bool IsIgnoredByList(string path, bool isFolder) => _list.IsIgnored(Relative(_base, path), isFolder);

    private static string Relative(string folder, string path) =>
        string.Equals(folder, path, StringComparison.Ordinal) ? string.Empty : Path.GetRelativePath(folder, path).Replace('\\', '/');

    /// <summary>The pattern of a file in the folder <paramref name="prefix"/> as it would stand in the base; null for a comment.</summary>
    internal static string? Anchor(string prefix, string line)
    {
        var text = line.TrimEnd();
        if (text.Length == 0 || text[0] == '#')
        {
            return null;
        }

        var negation = text[0] == '!' ? "!" : string.Empty;
        var pattern = text[negation.Length..];
        var isAnchored = pattern.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash && slash < pattern.Length - 1;
        return prefix.Length == 0 ? text
            : isAnchored ? $"{negation}/{prefix}/{pattern.TrimStart('/')}"
            : $"{negation}/{prefix}/**/{pattern}";
    }
}
