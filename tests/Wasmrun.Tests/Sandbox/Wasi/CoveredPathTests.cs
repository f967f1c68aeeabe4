namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class CoveredPathTests() : PathRules(Backing.Covered);
