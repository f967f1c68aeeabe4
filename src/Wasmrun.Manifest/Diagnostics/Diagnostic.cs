namespace Wasmrun.Manifest.Diagnostics;

/// <summary>
/// One thing that is wrong (or noteworthy) in what the user wrote: a code that is listed in
/// <c>docs/diagnostics.md</c>, a place, and a sentence that says the way out. A value, never an exception.
/// </summary>
public sealed record Diagnostic(string Code, DiagnosticSeverity Severity, SourceLocation Location, string Message)
{
    /// <summary>The form that editors make clickable and CI systems parse: <c>file(line,column): error CODE: message</c>.</summary>
    public override string ToString() =>
        $"{Location}: {(Severity == DiagnosticSeverity.Error ? "error" : "warning")} {Code}: {Message}";
}
