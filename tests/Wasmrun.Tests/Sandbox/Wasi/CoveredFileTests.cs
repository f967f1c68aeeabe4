namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class CoveredFileTests() : FileRules(Backing.Covered);
