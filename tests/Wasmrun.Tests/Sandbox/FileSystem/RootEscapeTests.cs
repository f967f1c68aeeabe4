using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>The same from the root, behind which paths are looked through for mounts first.</summary>
public sealed class RootEscapeTests() : EscapeRules(Backing.Kernel, "/");
