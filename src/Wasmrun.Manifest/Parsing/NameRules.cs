namespace Wasmrun.Manifest.Parsing;

/// <summary>
/// What a stack, service, network or volume may be called. The names become host names and folder names, so they are lower
/// case and short enough for both.
/// </summary>
public static class NameRules
{
    public const string Rule = "use lower-case letters, digits, '-' and '_', beginning with a letter or digit, at most 63 characters";

    private const int Longest = 63;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= Longest && name[0] is not ('-' or '_') && name.All(IsAllowed);

    /// <summary>The nearest valid name, or null when nothing usable is left.</summary>
    public static string? Normalize(string text)
    {
        var kept = text.ToLowerInvariant().Replace(' ', '-').Replace('.', '-').Where(IsAllowed).Take(Longest);
        var name = string.Concat(kept).Trim('-', '_');
        return IsValid(name) ? name : null;
    }

    private static bool IsAllowed(char character) =>
        char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_';
}
