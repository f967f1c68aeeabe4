using Wasmrun.Sandbox.Engine;
using Wasmtime;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Compiled code in memory, checked to be runnable. It is freed when the last <see cref="CompiledModule"/> and the last
/// instance of it are gone.
/// </summary>
/// <param name="ContentHash">Of the bytes that it was compiled from, in hexadecimal.</param>
/// <param name="Engine">That it was compiled by, and runs in.</param>
internal sealed record ModuleCode(Module Module, string ContentHash, Wasmtime.Engine Engine, Interruption Interruption)
{
    /// <summary>Bytes of memory that the guest has from its start.</summary>
    public long InitialMemory { get; } = ModuleInterface.InitialMemory(Module);
}
