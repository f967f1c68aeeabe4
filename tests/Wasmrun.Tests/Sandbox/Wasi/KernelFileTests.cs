namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class KernelFileTests() : FileRules(Backing.Kernel);
