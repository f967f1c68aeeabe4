namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class KernelPathTests() : PathRules(Backing.Kernel);
