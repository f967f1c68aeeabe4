namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class WalkingRenameTests() : RenameRules(Backing.Walk);
