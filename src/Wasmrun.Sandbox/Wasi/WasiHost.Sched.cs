namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    private static bool DefineScheduler(ImportDefiner definer) => definer.Name switch
    {
        "sched_yield" => definer.Add(static (host, _) => host.Yield()),
        _ => false,
    };

    private WasiErrno Yield()
    {
        _stop.ThrowIfRequested();
        _ = Thread.Yield();
        return WasiErrno.None;
    }
}
