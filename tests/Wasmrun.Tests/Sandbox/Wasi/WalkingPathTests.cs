namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class WalkingPathTests() : PathRules(Backing.Walk);
