using Wasmrun.Sandbox;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Sandboxed;

/// <summary>A compiled WebAssembly module.</summary>
internal sealed class SandboxModule(CompiledModule compiled) : PreparedModule(compiled.Path, compiled.ContentHash)
{
    public CompiledModule Compiled { get; } = compiled;
}
