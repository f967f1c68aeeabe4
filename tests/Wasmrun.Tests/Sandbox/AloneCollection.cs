namespace Wasmrun.Tests.Sandbox;

/// <summary>Tests that measure time, or what the whole process uses, run while no other test does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
