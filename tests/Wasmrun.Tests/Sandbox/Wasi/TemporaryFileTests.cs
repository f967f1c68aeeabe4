namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class TemporaryFileTests() : FileRules(Backing.Memory);
