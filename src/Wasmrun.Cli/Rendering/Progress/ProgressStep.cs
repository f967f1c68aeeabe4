namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>How far a service has come while a command works.</summary>
/// <param name="Detail">What else there is to say; empty when nothing.</param>
internal sealed record ProgressStep(string Text, ProgressOutcome Outcome, string Detail);

/// <summary>Whether a step is still underway, or how it ended.</summary>
internal enum ProgressOutcome
{
    Underway,
    Done,
    Failed,
}
