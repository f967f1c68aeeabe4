namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class CoveredRenameTests() : RenameRules(Backing.Covered);
