using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

public sealed class WalkingCoverTests() : CoverRules(Backing.Walk);
