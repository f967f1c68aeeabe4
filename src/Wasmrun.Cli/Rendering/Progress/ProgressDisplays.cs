using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>Chooses the display that <c>--progress</c> asks for and the terminal can show.</summary>
internal static class ProgressDisplays
{
    internal static IProgressDisplay For(ProgressMode mode, Screen screen) => mode switch
    {
        ProgressMode.Tty => new LiveProgress(screen),
        ProgressMode.Plain => new LineProgress(screen),
        ProgressMode.Json => new JsonProgress(screen),
        ProgressMode.Quiet => new QuietProgress(),
        _ => screen is { ErrorIsTerminal: true, ErrorColors.Enabled: true } ? new LiveProgress(screen) : new LineProgress(screen),
    };
}
