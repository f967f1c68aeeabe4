namespace Wasmrun.Manifest.Parsing;

/// <summary>Splits what is written of a mount in one line.</summary>
internal static class MountParser
{
    public const string Notation = "write SOURCE:TARGET or SOURCE:TARGET:ro, such as ./data:/data";

    /// <summary>With what the option of a <c>tmpfs</c> begins that says how much it may hold.</summary>
    public const string SizeOption = "size=";

    /// <summary>Splits <c>SOURCE:TARGET[:ro|rw]</c>; a Windows drive letter belongs to the source. Null when there are not two or three parts.</summary>
    public static (string Source, string Target, string? Mode)? Split(string text)
    {
        var drive = OperatingSystem.IsWindows() && text is [var letter, ':', '\\' or '/', ..] && char.IsAsciiLetter(letter) ? 2 : 0;
        var parts = text[drive..].Split(':');
        return parts.Length is 2 or 3 && parts[0].Length > 0 ? (text[..drive] + parts[0], parts[1], parts.ElementAtOrDefault(2)) : null;
    }

    /// <summary>Splits <c>TARGET[:OPTION[,OPTION]]</c>.</summary>
    public static (string Target, string[] Options) SplitTemporary(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (text, []) : (text[..colon], text[(colon + 1)..].Split(','));
    }

    /// <summary>Whether a source is a path rather than the name of a volume.</summary>
    public static bool IsPath(string source) => source.StartsWith('.') || source.StartsWith('~') || Path.IsPathRooted(source);
}
