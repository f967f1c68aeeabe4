namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>Functions that can wait, as they lie in the engine's memory: whom they owe an answer, and which of them are running now.</summary>
internal static class Coroutine
{
    private const uint ResolverOffset = 8;
    private const uint QueueOffset = 72;
    private const uint RequestPromiseOffset = 24;
    private const uint FrameFunctionOffset = 8;
    private const uint FrameOwnerOffset = 44;

    /// <summary>More than a guest's stack has room for: a chain that has come out of order may have no end.</summary>
    private const int MostFrames = 1 << 17;

    /// <summary>The promise that an async function will settle.</summary>
    public static JsValue OfFunction(QuickJs engine, uint state)
    {
        var resolver = new JsValue(engine.Read<long>(state + ResolverOffset));
        return engine.ClassOf(resolver) == EngineClass.PromiseResolve ? new(engine.Read<long>(engine.DataOf(resolver))) : JsValue.Undefined;
    }

    /// <summary>The promise of the call that an async generator is working on.</summary>
    public static JsValue OfGenerator(QuickJs engine, JsValue generator)
    {
        if (engine.ClassOf(generator) != EngineClass.AsyncGenerator)
        {
            return JsValue.Undefined;
        }

        var request = engine.FirstOf(engine.DataOf(generator) + QueueOffset);
        return request == 0 ? JsValue.Undefined : new(engine.Read<long>(request + RequestPromiseOffset));
    }

    /// <summary>The promises of all async functions and generators that are running now, the innermost first.</summary>
    public static IEnumerable<JsValue> Running(QuickJs engine)
    {
        var left = MostFrames;
        for (var frame = engine.CurrentFrame; frame != 0 && left-- > 0; frame = engine.Read<uint>(frame))
        {
            var owner = engine.Read<uint>(frame + FrameOwnerOffset);
            // A module with a top-level await is of the class of plain functions, which otherwise own no frame.
            var promise = engine.ClassOf(new(engine.Read<long>(frame + FrameFunctionOffset))) switch
            {
                EngineClass.AsyncFunction or EngineClass.Bytecode when owner != 0 => OfFunction(engine, owner),
                EngineClass.AsyncGeneratorFunction when owner != 0 => OfGenerator(engine, JsValue.Object(owner)),
                _ => JsValue.Undefined,
            };
            if (promise.IsObject)
            {
                yield return promise;
            }
        }
    }
}
