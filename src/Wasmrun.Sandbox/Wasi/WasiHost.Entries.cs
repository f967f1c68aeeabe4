using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wasmrun.Sandbox.Wasi;

/// <content>
/// Where a guest comes in for each chunk of data. All between the guest and the kernel is in the one method: each frame and each page of memory on the
/// way back is met with empty caches. The order in which they lie in the program is that of <c>Wasmrun.Cli/code-order.txt</c>.
/// </content>
internal sealed unsafe partial class WasiHost
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint EnterPoll(nint handle, nint caller, byte* values, nuint count)
    {
        try
        {
            var a = new GuestArguments(values, count);
            *(uint*)values = (uint)Of(handle).Poll(a[0], a[1], a[2], a[3]);
            return 0;
        }
        catch (Exception e)
        {
            return ImportDefiner.Fail(values, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint EnterRead(nint handle, nint caller, byte* values, nuint count)
    {
        try
        {
            var a = new GuestArguments(values, count);
            *(uint*)values = (uint)Of(handle).Read(a[0], a[1], a[2], a[3]);
            return 0;
        }
        catch (Exception e)
        {
            return ImportDefiner.Fail(values, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint EnterReceive(nint handle, nint caller, byte* values, nuint count)
    {
        try
        {
            var a = new GuestArguments(values, count);
            *(uint*)values = (uint)Of(handle).Receive(a[0], a[1], a[2], a[3], a[4], a[5]);
            return 0;
        }
        catch (Exception e)
        {
            return ImportDefiner.Fail(values, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint EnterSend(nint handle, nint caller, byte* values, nuint count)
    {
        try
        {
            var a = new GuestArguments(values, count);
            *(uint*)values = (uint)Of(handle).Send(a[0], a[1], a[2], a[3], a[4]);
            return 0;
        }
        catch (Exception e)
        {
            return ImportDefiner.Fail(values, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint EnterWrite(nint handle, nint caller, byte* values, nuint count)
    {
        try
        {
            var a = new GuestArguments(values, count);
            *(uint*)values = (uint)Of(handle).Write(a[0], a[1], a[2], a[3]);
            return 0;
        }
        catch (Exception e)
        {
            return ImportDefiner.Fail(values, e);
        }
    }

    private static WasiHost Of(nint handle) => GCHandle<WasiHost>.FromIntPtr(handle).Target;
}
