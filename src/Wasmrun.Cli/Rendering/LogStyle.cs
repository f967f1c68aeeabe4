namespace Wasmrun.Cli.Rendering;

/// <summary>How log lines are shown.</summary>
internal sealed record LogStyle(bool Prefix, bool Timestamps);
