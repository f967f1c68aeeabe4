namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>
/// A job that the engine is about to run, read out of its memory: which promise it is done for. The places of the fields are those
/// of the one engine that the lock names; the tests of <c>AsyncLocalStorage</c> fail when another one has them elsewhere.
/// </summary>
/// <param name="address">Address of the job's entry in the engine's list.</param>
internal readonly struct PendingJob(QuickJs engine, uint address)
{
    private const uint ArgumentsOffset = 24;
    private const uint HandlerOffset = ArgumentsOffset + (2 * sizeof(long));
    private const uint BoundOffset = 8;

    /// <summary>
    /// The promise whose making says in which context the job runs: what <c>then</c> has returned, what an async function will settle, or
    /// the answer that an async generator owes. Undefined when it is none of them.
    /// </summary>
    public JsValue Promise
    {
        get
        {
            var first = Value(ArgumentsOffset);
            if (!first.IsUndefined)
            {
                return ClassOf(first) == EngineClass.Promise ? first : PromiseOfResolver(first);
            }

            // An await: no promise comes of it, and its handler goes on with the function.
            var handler = Value(HandlerOffset);
            return ClassOf(handler) switch
            {
                EngineClass.AsyncFunctionResolve or EngineClass.AsyncFunctionReject => Coroutine.OfFunction(engine, DataOf(handler)),
                EngineClass.BoundData => Coroutine.OfGenerator(engine, new(engine.Read<long>(DataOf(handler) + BoundOffset))),
                _ => JsValue.Undefined,
            };
        }
    }

    private JsValue Value(uint offset) => new(engine.Read<long>(address + offset));

    private EngineClass ClassOf(JsValue value) => engine.ClassOf(value);

    private uint DataOf(JsValue value) => engine.DataOf(value);

    private JsValue PromiseOfResolver(JsValue resolver) =>
        ClassOf(resolver) is EngineClass.PromiseResolve or EngineClass.PromiseReject ? new(engine.Read<long>(DataOf(resolver))) : JsValue.Undefined;
}
