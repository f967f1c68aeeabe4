using System.Globalization;
using Wasmrun.Sandbox;

namespace Wasmrun.Supervision.Services;

/// <summary>How one instance ended, in the terms that restart policies and people use.</summary>
/// <param name="ExitCode">The guest's own, or what a shell would show for the like: 134 for a trap, 143 when it was stopped, 126 when it could not be started.</param>
/// <param name="IsFailure">What <c>on-failure</c> restarts.</param>
/// <param name="WasStopped">It ended because the runner told it to.</param>
/// <param name="Description">For people: <c>exited with code 1</c>.</param>
/// <param name="Detail">More, such as the guest's backtrace; empty when there is none.</param>
/// <param name="Ran">For how long it ran.</param>
internal sealed record RunEnd(int ExitCode, bool IsFailure, bool WasStopped, string Description, string Detail, TimeSpan Ran)
{
    /// <summary>The guest did not run at all: a failure of what it was to be run with.</summary>
    public bool IsUnusable { get; private init; }

    /// <summary>As of a process that SIGABRT ended.</summary>
    public const int TrappedCode = 134;

    /// <summary>As of a process that SIGTERM ended.</summary>
    public const int StoppedCode = 143;

    /// <summary>As of a command that could not be invoked.</summary>
    public const int UnusableCode = 126;

    public static RunEnd Of(InstanceExit exit, TimeSpan ran) => exit switch
    {
        InstanceExit.Exited exited => new(
            exited.Code,
            exited.Code != 0,
            WasStopped: false,
            string.Create(CultureInfo.InvariantCulture, $"exited with code {exited.Code}"),
            "",
            ran),
        InstanceExit.Trapped trapped => new(TrappedCode, IsFailure: true, WasStopped: false, $"trapped: {trapped.Reason}", trapped.Detail, ran),
        InstanceExit.Stopped => new(StoppedCode, IsFailure: false, WasStopped: true, "was stopped", "", ran),
        InstanceExit.Failed failed => Unusable(failed.Reason, ran),
        _ => throw new NotSupportedException($"no exit code for {exit.GetType().Name}"),
    };

    /// <summary>It ran, and was ended because it did not do its work.</summary>
    public static RunEnd Unhealthy(string problem, TimeSpan ran) =>
        new(StoppedCode, IsFailure: true, WasStopped: false, $"was unhealthy: {problem}", "", ran);

    public static RunEnd Unusable(string reason, TimeSpan ran) =>
        new(UnusableCode, IsFailure: true, WasStopped: false, $"could not run: {reason}", "", ran) { IsUnusable = true };
}
