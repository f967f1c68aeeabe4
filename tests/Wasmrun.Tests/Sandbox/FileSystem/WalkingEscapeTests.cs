using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

public sealed class WalkingEscapeTests() : EscapeRules(Backing.Walk, "/data");
