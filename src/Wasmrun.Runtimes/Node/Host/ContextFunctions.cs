using Wasmrun.Runtimes.Node.Engine;
using Wasmtime;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// Carries the context of <c>AsyncLocalStorage</c> along promises: each promise keeps the one it was made in, and before each job the
/// context of the promise that the job is done for becomes the current one. Costs a call per promise, so nothing is hooked until a program
/// makes its first storage.
/// </summary>
internal sealed class ContextFunctions(Store store)
{
    private const int Created = 0;
    private const int Configurable = 1 << 0;
    private const int Writable = 1 << 1;

    private JsValue _current = JsValue.Undefined;
    private Func<int, long, int, long, long, int>? _define;
    private Func<int, long, int, long>? _get;

    /// <summary>Whether nothing has set a context.</summary>
    public bool IsEmpty => _current.IsUndefined;

    /// <summary>Under which promises keep their context; 0 when they keep none.</summary>
    public int Atom { get; private set; }

    public void Register(HostTable table)
    {
        table.Add("getContext", (in HostCall call) => call.Engine.Duplicate(_current));
        table.Add("setContext", (in HostCall call) =>
        {
            Become(call.Engine, call.Engine.Duplicate(call[0]));
            return JsValue.Undefined;
        });
        table.Add("enterContext", EnterContext);
        table.Add("hookPromises", HookPromises);
    }

    /// <summary>Runs the jobs of promises until none is left, each in its context.</summary>
    /// <returns>False when one has thrown; its exception waits to be taken.</returns>
    public bool RunJobs(QuickJs engine)
    {
        var outer = engine.Duplicate(_current);
        var succeeded = true;
        while (succeeded && engine.NextJob is { } job)
        {
            // A job may be what makes the first storage.
            if (_get is not null)
            {
                var promise = job.Promise;
                Become(engine, promise.IsObject ? new(_get(engine.Context, promise.Bits, Atom)) : JsValue.Undefined);
            }

            succeeded = engine.RunJob();
        }

        Become(engine, outer);
        return succeeded;
    }

    private void Become(QuickJs engine, JsValue context)
    {
        var former = _current;
        _current = context;
        engine.Free(former);
    }

    /// <summary>Changes the context of what is running now: also of functions that are running and will wait later.</summary>
    private JsValue EnterContext(in HostCall call)
    {
        var engine = call.Engine;
        Become(engine, engine.Duplicate(call[0]));
        foreach (var promise in Coroutine.Running(engine))
        {
            Keep(engine, promise.Bits);
        }

        return JsValue.Undefined;
    }

    private void Keep(QuickJs engine, long promise) =>
        _ = _define!(engine.Context, promise, Atom, engine.Duplicate(_current).Bits, Configurable | Writable);

    private JsValue HookPromises(in HostCall call)
    {
        var engine = call.Engine;
        Hook(engine, engine.Export("JS_ValueToAtom").WrapFunc<int, long, int>()!(engine.Context, call[0].Bits));
        return JsValue.Undefined;
    }

    /// <summary>Lets every promise keep its context from now on.</summary>
    public void Hook(QuickJs engine, int atom)
    {
        Atom = atom;
        _define = engine.Export("JS_DefinePropertyValue").WrapFunc<int, long, int, long, long, int>()!;
        _get = engine.Export("JS_GetProperty").WrapFunc<int, long, int, long>()!;
        Action<int, int, long, long, long> hook = (_, kind, promise, _, _) =>
        {
            if (kind == Created && !_current.IsUndefined)
            {
                Keep(engine, promise);
            }
        };
        var entry = engine.AddToTable(Function.FromCallback(store, hook));
        engine.Export("JS_SetPromiseHook").WrapAction<int, int, int>()!(engine.Runtime, entry, 0);
    }
}
