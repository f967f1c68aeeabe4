namespace Wasmrun.Manifest.Diagnostics;

/// <summary>Whether a diagnostic stops the run.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing; the run goes on.</summary>
    Warning,

    /// <summary>The manifest cannot be used as it is.</summary>
    Error,
}
