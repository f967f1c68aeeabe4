namespace Wasmrun.Sandbox;

/// <summary>How an instance ended. Every instance that was started ends in exactly one of these.</summary>
public abstract record InstanceExit
{
    private InstanceExit()
    {
    }

    /// <summary>The exit code of a guest that called <c>proc_exit</c>, if that is what the exception of a call into it means.</summary>
    public static int? CodeOf(Wasmtime.WasmtimeException exception) => Engine.TrapReport.ExitOf(exception) is Exited exited ? exited.Code : null;

    /// <summary>The guest ended by itself: it returned from its start function (0) or called <c>proc_exit</c>.</summary>
    public sealed record Exited(int Code) : InstanceExit;

    /// <summary>The guest did something that WebAssembly forbids.</summary>
    /// <param name="Reason">One line for a reader, such as "integer divide by zero".</param>
    /// <param name="Detail">The guest's backtrace, innermost function first, one frame a line; empty when there is none.</param>
    public sealed record Trapped(string Reason, string Detail) : InstanceExit;

    /// <summary>The instance was told to stop.</summary>
    public sealed record Stopped : InstanceExit;

    /// <summary>The instance could not start, or the runner itself failed while serving it.</summary>
    /// <param name="Reason">What happened, and where it can be put right.</param>
    public sealed record Failed(string Reason) : InstanceExit;
}
