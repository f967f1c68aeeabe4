using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Sandbox.Wasi;

internal sealed partial class WasiHost
{
    /// <summary>After so many random bytes the stop signal is looked at again.</summary>
    private const int RandomChunk = 1 << 20;

    private static bool DefineRandom(ImportDefiner definer) => definer.Name switch
    {
        "random_get" => definer.Add(static (host, a) => host.FillRandom(a[0], a[1])),
        _ => false,
    };

    /// <summary>The kernel's random numbers, straight into the guest's memory.</summary>
    private unsafe WasiErrno FillRandom(uint address, uint length)
    {
        UnrepeatableCalls++;
        var next = Memory.Pointer(address, length);
        for (var left = length; left > 0;)
        {
            _stop.ThrowIfRequested();
            var filled = Libc.GetRandom(next, Math.Min(left, RandomChunk), 0);
            if (filled >= 0)
            {
                next += filled;
                left -= (uint)filled;
            }
            else if (Libc.LastError is var error and not Errno.EINTR)
            {
                return error.ToWasi();
            }
        }

        return WasiErrno.None;
    }
}
