namespace Wasmrun.Runtimes.Node.Engine;

/// <summary>Numbers of the engine's built-in classes of objects, as far as they are looked at from outside.</summary>
internal enum EngineClass
{
    None = 0,
    Array = 2,
    Bytecode = 13,
    BoundData = 15,
    Promise = 52,
    PromiseResolve = 53,
    PromiseReject = 54,
    AsyncFunction = 55,
    AsyncFunctionResolve = 56,
    AsyncFunctionReject = 57,
    AsyncGeneratorFunction = 59,
    AsyncGenerator = 60,
}
