using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>The same in a folder with a mount below it, whose paths are walked with an eye on that.</summary>
public sealed class CoveredEscapeTests() : EscapeRules(Backing.Covered, "/data");
