namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class TemporaryListingTests() : ListingRules(Backing.Memory);
