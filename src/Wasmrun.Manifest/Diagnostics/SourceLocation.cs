namespace Wasmrun.Manifest.Diagnostics;

/// <summary>A place in a text: the file as the user named it, the line and the column, both counted from 1.</summary>
public sealed record SourceLocation(string File, int Line, int Column)
{
    public override string ToString() => $"{File}({Line},{Column})";
}
