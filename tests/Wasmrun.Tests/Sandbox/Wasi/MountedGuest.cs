using Wasmrun.Sandbox;
using Wasmrun.Sandbox.FileSystem;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>A guest with one writable folder, which behaves the same whatever stands behind it.</summary>
internal sealed class MountedGuest : IDisposable
{
    /// <summary>The folder's descriptor.</summary>
    public const int Root = 3;

    public MountedGuest(Backing backing)
    {
        GuestMount mount = backing == Backing.Memory
            ? new GuestMount.Temporary("/data", 1 << 22)
            : new GuestMount.Host("/data", Folder.Path, ReadOnly: false);
        Guest = new(ResolverOf(backing), [mount, .. Below(backing, "/data")]);
    }

    public WasiGuest Guest { get; }

    /// <summary>The folder on the host, where there is one.</summary>
    public TemporaryFolder Folder { get; } = new();

    /// <summary>The mount below a folder, where the test is to have one.</summary>
    public static IEnumerable<GuestMount> Below(Backing backing, string guestPath) =>
        backing == Backing.Covered ? [new GuestMount.Temporary($"{guestPath}/covered/place", 1 << 16)] : [];

    public static IPathResolver ResolverOf(Backing backing)
    {
        if (backing == Backing.Walk)
        {
            return PathResolvers.Walking;
        }

        Assert.True(KernelPathResolver.IsAvailable, "this machine's kernel has no openat2");
        return new KernelPathResolver(PathResolvers.Walking);
    }

    public void Dispose()
    {
        Guest.Dispose();
        Folder.Dispose();
    }
}
