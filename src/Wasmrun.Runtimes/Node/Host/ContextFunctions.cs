using Wasmrun.Runtimes.Node.Engine;
using Wasmtime;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Carries the context of <c>AsyncLocalStorage</c> along promises: each promise keeps the one it was made in, and its reactions
/// run in it. Costs three calls per promise, so nothing is hooked until a program makes its first storage.
/// </summary>
internal sealed class ContextFunctions(Store store)
{
    private const int Created = 0;
    private const int Before = 1;
    private const int After = 2;
    private const int Configurable = 1 << 0;
    private const int Writable = 1 << 1;

    private readonly Stack<JsValue> _outer = new();
    private JsValue _current = JsValue.Undefined;

    public void Register(HostTable table)
    {
        table.Add("getContext", (in HostCall call) => call.Engine.Duplicate(_current));
        table.Add("setContext", (in HostCall call) =>
        {
            var former = _current;
            _current = call.Engine.Duplicate(call[0]);
            call.Engine.Free(former);
            return JsValue.Undefined;
        });
        table.Add("hookPromises", HookPromises);
    }

    private JsValue HookPromises(in HostCall call)
    {
        var engine = call.Engine;
        var context = engine.Context;
        var atom = engine.Export("JS_ValueToAtom").WrapFunc<int, long, int>()!(context, call[0].Bits);
        var define = engine.Export("JS_DefinePropertyValue").WrapFunc<int, long, int, long, int, int>()!;
        var get = engine.Export("JS_GetProperty").WrapFunc<int, long, int, long>()!;
        Action<int, int, long, long, int> hook = (_, kind, promise, _, _) =>
        {
            switch (kind)
            {
                case Created when !_current.IsUndefined:
                    _ = define(context, promise, atom, engine.Duplicate(_current).Bits, Configurable | Writable);
                    break;
                case Before:
                    _outer.Push(_current);
                    _current = new JsValue(promise).IsObject ? new(get(context, promise, atom)) : JsValue.Undefined;
                    break;
                case After when _outer.TryPop(out var outer):
                    engine.Free(_current);
                    _current = outer;
                    break;
            }
        };
        var entry = engine.AddToTable(Function.FromCallback(store, hook));
        var runtime = engine.Export("qjs_get_runtime_ptr").WrapFunc<int>()!();
        engine.Export("JS_SetPromiseHook").WrapAction<int, int, int>()!(runtime, entry, 0);
        return JsValue.Undefined;
    }
}
