namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class TemporaryRenameTests() : RenameRules(Backing.Memory);
