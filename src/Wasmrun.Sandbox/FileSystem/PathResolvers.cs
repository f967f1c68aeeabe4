namespace Wasmrun.Sandbox.FileSystem;

/// <summary>The ways to resolve a path, and the one that this machine takes.</summary>
internal static class PathResolvers
{
    public static IPathResolver Walking { get; } = new WalkingPathResolver();

    public static IPathResolver Default { get; } = KernelPathResolver.IsAvailable ? new KernelPathResolver(Walking) : Walking;
}
