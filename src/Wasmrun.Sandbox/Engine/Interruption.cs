namespace Wasmrun.Sandbox.Engine;

/// <summary>How a guest that computes is interrupted.</summary>
internal enum Interruption
{
    /// <summary>The compiler has it look at the engine's epoch in every function and round of a loop.</summary>
    ByEpoch,

    /// <summary>Its module looks at <see cref="StopFlag"/> by itself, and calls its driver now and then.</summary>
    ByStopFlag,
}
