namespace Wasmrun.Manifest.Parsing;

/// <summary>Splits <c>SOURCE:TARGET[:ro|rw]</c>; a Windows drive letter belongs to the source.</summary>
internal static class MountParser
{
    public const string Notation = "write SOURCE:TARGET or SOURCE:TARGET:ro, such as ./data:/data";

    /// <summary>Null when there are not two or three parts.</summary>
    public static (string Source, string Target, string? Mode)? Split(string text)
    {
        var drive = OperatingSystem.IsWindows() && text is [var letter, ':', '\\' or '/', ..] && char.IsAsciiLetter(letter) ? 2 : 0;
        var parts = text[drive..].Split(':');
        return parts.Length is 2 or 3 && parts[0].Length > 0 ? (text[..drive] + parts[0], parts[1], parts.ElementAtOrDefault(2)) : null;
    }

    /// <summary>Whether a source is a path rather than the name of a volume.</summary>
    public static bool IsPath(string source) => source.StartsWith('.') || source.StartsWith('~') || Path.IsPathRooted(source);
}
