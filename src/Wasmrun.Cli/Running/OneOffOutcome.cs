namespace Wasmrun.Cli.Running;

/// <summary>What came of asking a runner to run something once.</summary>
/// <param name="ExitCode">The command's; null when the runner was about to end and another is to be asked.</param>
/// <param name="EndsRunner">The runner has nothing left to run, and ends.</param>
internal sealed record OneOffOutcome(int? ExitCode, bool EndsRunner)
{
    internal static OneOffOutcome NotBegun { get; } = new(null, EndsRunner: true);
}
