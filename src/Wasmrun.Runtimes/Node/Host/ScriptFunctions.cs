using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>What the loader of modules needs from the engine: scripts, jobs, modules, and the loop's control block.</summary>
internal sealed class ScriptFunctions(ContextFunctions contexts, TimeProvider time)
{
    private long? _deadline;

    /// <summary>Whether what runs now has had its time; the engine asks now and then, and ends it.</summary>
    public bool IsOverdue => _deadline is { } deadline && time.GetTimestamp() > deadline;

    /// <summary>Address of the block in which the timers say what the loop has to do.</summary>
    public uint Control { get; set; }

    public void Register(HostTable table)
    {
        table.Add("evaluate", Evaluate);
        table.Add("callWithin", CallWithin);
        table.Add("runJobs", (in HostCall call) => JsValue.From(contexts.RunJobs(call.Engine)));
        table.Add("takeException", (in HostCall call) => call.Engine.TakeException());
        table.Add("importModule", ImportModule);
        table.Add("promiseState", PromiseState);
        table.Add("promiseResult", PromiseResult);
        table.Add("useControl", (in HostCall call) =>
        {
            Control = call.Engine.AddressOf(call[0]);
            return JsValue.Undefined;
        });
        table.Add("useErrors", (in HostCall call) =>
        {
            call.Engine.UseErrors(call[0]);
            return JsValue.Undefined;
        });
        table.Add("failLoading", (in HostCall _) => JsValue.Undefined);
        table.Add("collectGarbage", (in HostCall call) =>
        {
            call.Engine.Collect();
            return JsValue.Undefined;
        });
    }

    private static JsValue Evaluate(in HostCall call)
    {
        var source = call.Engine.OpenText(call[0], out var length);
        var value = call.Engine.Evaluate(source, length, call.Text(1));
        call.Engine.CloseText(source);
        return value;
    }

    /// <summary>Arguments: a function, and how many milliseconds it may take.</summary>
    private JsValue CallWithin(in HostCall call)
    {
        var outer = _deadline;
        var mine = time.GetTimestamp() + (long)(call.Number(1) / 1e3 * time.TimestampFrequency);
        _deadline = outer < mine ? outer : mine;
        var result = call.Engine.Call(call[0]);
        var isMine = IsOverdue && _deadline == mine;
        _deadline = outer;
        if (!result.IsException || !isMine)
        {
            return result;
        }

        call.Engine.Free(call.Engine.TakeException());
        throw new HostErrorException("ERR_SCRIPT_EXECUTION_TIMEOUT", FormattableString.Invariant($"Script execution timed out after {call.Number(1)}ms"));
    }

    /// <summary>The promise of a module's namespace.</summary>
    private static JsValue ImportModule(in HostCall call)
    {
        var name = System.Text.Json.JsonSerializer.Serialize(call.Text(0), NodeJson.Default.String);
        return call.Engine.Evaluate($"import({name})", "node:internal/import");
    }

    /// <summary>0 pending, 1 fulfilled, 2 rejected.</summary>
    private static JsValue PromiseState(in HostCall call) =>
        JsValue.From(call.Engine.Export("JS_PromiseState").WrapFunc<int, long, int>()!(call.Engine.Context, call[0].Bits));

    private static JsValue PromiseResult(in HostCall call) =>
        new(call.Engine.Export("JS_PromiseResult").WrapFunc<int, long, long>()!(call.Engine.Context, call[0].Bits));
}
