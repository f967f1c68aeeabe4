namespace Wasmrun.Cli.Running;

/// <summary>What a runner is for.</summary>
internal enum RunnerKind
{
    /// <summary>Lives as long as <c>up</c> is on the terminal, and answers other commands meanwhile.</summary>
    Foreground,

    /// <summary>Started by <c>up -d</c>.</summary>
    Detached,

    /// <summary>For <c>os</c>: nobody else is to find it.</summary>
    Private,
}
