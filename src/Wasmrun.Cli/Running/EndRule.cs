namespace Wasmrun.Cli.Running;

/// <summary>When a stack in the foreground ends although parts of it still run, and whose exit code counts then.</summary>
/// <param name="OnExit">As soon as one service has ended and is not to be restarted.</param>
/// <param name="OnFailure">As soon as one service has failed, or ended with another code than 0.</param>
/// <param name="ExitCodeFrom">The service whose exit code becomes the command's; null for the one that ended the run.</param>
internal sealed record EndRule(bool OnExit, bool OnFailure, string? ExitCodeFrom)
{
    internal static EndRule WhenAllHaveEnded { get; } = new(OnExit: false, OnFailure: false, ExitCodeFrom: null);

    internal bool EndsEarly => OnExit || OnFailure;
}
