namespace Wasmrun.Manifest.Diagnostics;

/// <summary>
/// A kind of diagnostic: its code, how grave it is and a title. Each is listed once in a table such as
/// <see cref="ManifestDiagnostics"/>, documented in <c>docs/diagnostics.md</c>, and raised by a fixture of the tests.
/// </summary>
public sealed record DiagnosticDescriptor(string Code, DiagnosticSeverity Severity, string Title)
{
    /// <summary>The diagnostic of this kind at a place.</summary>
    public Diagnostic At(SourceLocation location, string message) => new(Code, Severity, location, message);
}
