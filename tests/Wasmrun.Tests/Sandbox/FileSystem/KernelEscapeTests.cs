using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

public sealed class KernelEscapeTests() : EscapeRules(Backing.Kernel, "/data");
