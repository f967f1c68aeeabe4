namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class KernelListingTests() : ListingRules(Backing.Kernel);
