namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    private static bool DefineClock(ImportDefiner definer) => definer.Name switch
    {
        "clock_res_get" => definer.Add(static (host, a) => host.GetClockResolution(a[0], a[1])),
        "clock_time_get" => definer.Add(static (host, a) => host.GetClockTime(a[0], a[2])),
        _ => false,
    };

    private WasiErrno GetClockResolution(uint clock, uint result)
    {
        if (!GuestClock.IsKnown(clock))
        {
            return WasiErrno.EINVAL;
        }

        Memory.Write(result, _clock.Resolution((ClockId)clock));
        return WasiErrno.None;
    }

    /// <summary>The precision that a guest asks for is a hint, and every answer is as precise as the clock.</summary>
    private WasiErrno GetClockTime(uint clock, uint result)
    {
        if (!GuestClock.IsKnown(clock))
        {
            return WasiErrno.EINVAL;
        }

        UnrepeatableCalls++;
        Memory.Write(result, _clock.Now((ClockId)clock));
        return WasiErrno.None;
    }
}
