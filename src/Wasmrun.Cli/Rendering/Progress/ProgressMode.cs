namespace Wasmrun.Cli.Rendering.Progress;

/// <summary>How progress is shown: <c>--progress</c>.</summary>
internal enum ProgressMode
{
    /// <summary>A list that is kept up to date on a terminal, lines elsewhere.</summary>
    Auto,

    Tty,

    Plain,

    /// <summary>One JSON object a line, as the control API sends it.</summary>
    Json,

    Quiet,
}
