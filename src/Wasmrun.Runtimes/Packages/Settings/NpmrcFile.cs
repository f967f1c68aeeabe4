using System.Text.RegularExpressions;

namespace Wasmrun.Runtimes.Packages.Settings;

/// <summary>Reads the text of an <c>.npmrc</c> file as npm does: a key and its value on each line, with variables of the environment in both.</summary>
internal static partial class NpmrcFile
{
    /// <summary>The settings, the last of several lines with one key; a key that ends in <c>[]</c> has its values joined by line feeds.</summary>
    public static Dictionary<string, string> Parse(string text, IReadOnlyDictionary<string, string> environment)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] is ';' or '#' or '[')
            {
                continue;
            }

            var split = line.IndexOf('=', StringComparison.Ordinal);
            var key = Expand(Unquote(split < 0 ? line : line[..split].TrimEnd()), environment);
            var value = split < 0 ? "true" : Expand(Unquote(WithoutComment(line[(split + 1)..].TrimStart())), environment);
            settings[key] = key.EndsWith("[]", StringComparison.Ordinal) && settings.TryGetValue(key, out var before) ? $"{before}\n{value}" : value;
        }

        return settings;
    }

    /// <summary>A value in quotes may hold anything; elsewhere a comment begins at a semicolon or a number sign after a blank.</summary>
    private static string WithoutComment(string value)
    {
        if (value is ['"' or '\'', ..])
        {
            var end = value.IndexOf(value[0], 1);
            return end < 0 ? value : value[..(end + 1)];
        }

        var comment = Comment().Match(value);
        return comment.Success ? value[..comment.Index] : value;
    }

    private static string Unquote(string text) => text is ['"' or '\'', .., _] && text[0] == text[^1] ? text[1..^1] : text;

    /// <summary>A variable that is not set stays as it is written, <c>${NAME?}</c> becomes nothing.</summary>
    private static string Expand(string text, IReadOnlyDictionary<string, string> environment) => Variable().Replace(
        text,
        match => environment.TryGetValue(match.Groups["name"].Value, out var value) ? value : match.Groups["optional"].Success ? string.Empty : match.Value);

    [GeneratedRegex(@"\$\{(?<name>[^}?]+)(?<optional>\?)?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\s+[;#]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();
}
