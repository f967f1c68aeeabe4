namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class TemporaryPathTests() : PathRules(Backing.Memory);
