using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Runtimes.Node.TypeScript;
using Wasmrun.Sandbox;
using Wasmtime;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>Strips the types of TypeScript for the loader of modules.</summary>
internal sealed class TypeFunctions(TypeStripper? types, DrivenGuest guest)
{
    public void Register(HostTable table) => table.AddLasting("stripTypes", Strip);

    private JsValue Strip(in HostCall call)
    {
        if (types is null)
        {
            throw new HostErrorException("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "the project had no TypeScript files when it was started; start it anew");
        }

        try
        {
            return call.Engine.NewText(types.Strip(call.Text(0), call.Text(1), guest));
        }
        catch (WasmtimeException e)
        {
            guest.Network.Stop.ThrowIfRequested();
            throw new HostErrorException("ERR_INVALID_TYPESCRIPT_SYNTAX", $"the types of {call.Text(1)} cannot be stripped: {e.InnerException?.Message ?? e.Message}");
        }
    }
}
