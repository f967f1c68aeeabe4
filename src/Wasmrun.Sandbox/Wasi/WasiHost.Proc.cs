namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    /// <summary>What a shell adds to the number of the signal that ended a process.</summary>
    private const int EndedBySignal = 128;

    private static bool DefineProcess(ImportDefiner definer) => definer.Name switch
    {
        "proc_exit" => definer.Add(static (_, a) => throw new ProcessExitException((int)a[0])),
        "proc_raise" => definer.Add(static (_, a) => Raise(a[0])),
        _ => false,
    };

    /// <summary>A signal does to an instance what it does to a process by default; there is nobody to resume a stopped one, so it goes on.</summary>
    private static WasiErrno Raise(uint signal) => (Signal)Math.Min(signal, byte.MaxValue) switch
    {
        Signal.None or Signal.Child or Signal.Continue or Signal.Urgent or Signal.WindowChange => WasiErrno.None,
        Signal.Stop or Signal.TerminalStop or Signal.TerminalInput or Signal.TerminalOutput => WasiErrno.ENOTSUP,
        <= Signal.System => throw new ProcessExitException(EndedBySignal + (int)signal),
        _ => WasiErrno.EINVAL,
    };
}
