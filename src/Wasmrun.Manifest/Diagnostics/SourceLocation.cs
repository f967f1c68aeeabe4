namespace Wasmrun.Manifest.Diagnostics;

/// <summary>A place in a text: the file as the user named it, the line and the column, both counted from 1.</summary>
public sealed record SourceLocation(string File, int Line, int Column)
{
    /// <summary>
    /// Whether the user can look there. What was in no text, such as a flag of the command line, has its own name in place of the file's.
    /// </summary>
    public bool IsInText { get; init; } = true;

    /// <summary>The place for who knows in which file it is.</summary>
    internal string WithinFile => IsInText ? $"line {Line}" : File;

    public override string ToString() => IsInText ? $"{File}({Line},{Column})" : File;
}
