namespace Wasmrun.Cli.Commands;

/// <summary>What the process tells who started it; listed in <c>docs/commands.md</c>.</summary>
internal static class ExitCodes
{
    /// <summary>Done; or a stack in the foreground that was stopped, or that ended well.</summary>
    internal const int Success = 0;

    internal const int Failure = 1;

    /// <summary>The manifest or the command line cannot be used as it is.</summary>
    internal const int InvalidManifest = 2;

    internal const int WaitTimedOut = 17;

    internal const int WaitFailed = 18;

    internal const int PortConflict = 19;

    internal const int Interrupted = 130;

    /// <summary>What this process ends with for a guest's exit code, of which only the lowest byte is told: a failure stays one.</summary>
    internal static int OfGuest(int code) => code != Success && (code & 0xFF) == Success ? Failure : code;
}
