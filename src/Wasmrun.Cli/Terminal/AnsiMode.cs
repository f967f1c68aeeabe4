namespace Wasmrun.Cli.Terminal;

/// <summary>When control sequences are written: <c>--ansi</c>.</summary>
internal enum AnsiMode
{
    /// <summary>To terminals, unless <c>NO_COLOR</c> is set or the terminal is a dumb one.</summary>
    Auto,

    Always,

    Never,
}
