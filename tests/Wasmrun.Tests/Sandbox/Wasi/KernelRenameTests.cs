namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class KernelRenameTests() : RenameRules(Backing.Kernel);
