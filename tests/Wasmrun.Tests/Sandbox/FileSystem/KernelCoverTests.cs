using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

public sealed class KernelCoverTests() : CoverRules(Backing.Kernel);
