using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>A folder of the host refuses what does not fit its buffers by itself, also when its caller has checked nothing.</summary>
public sealed class HostDirectoryTests : IDisposable
{
    private static readonly FileTimes s_times = new(SetTimesFlags.Modify, 1, 1);

    private readonly TemporaryFolder _host = new();
    private readonly StopSignal _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData(Backing.Kernel, 4096)]
    [InlineData(Backing.Kernel, 1_000_000)]
    [InlineData(Backing.Walk, 4096)]
    [InlineData(Backing.Walk, 1_000_000)]
    public void Path_ThatDoesNotFitIsRefusedByEveryCall(Backing backing, int length)
    {
        _host.Write("file", "content");
        using var folder = new HostOpener(MountedGuest.ResolverOf(backing), _stop).Open(new("/", _host.Path, ReadOnly: false));
        var name = new byte[length];
        name.AsSpan().Fill((byte)'a');
        byte[] nested = [.. "a/"u8, .. name.AsSpan(2)];
        foreach (var path in new[] { name, nested })
        {
            Errno[] answers =
            [
                folder.Open(path, new(Follow: true, OpenFlags.None, Rights.File, Rights.All, FdFlags.None), out _),
                folder.Open(path, new(Follow: true, OpenFlags.Create | OpenFlags.Exclusive, Rights.File, Rights.All, FdFlags.None), out _),
                folder.Open(path, new(Follow: true, OpenFlags.Directory, Rights.Directory, Rights.All, FdFlags.None), out _),
                folder.GetPathStatus(path, follow: true, out _),
                folder.GetPathStatus(path, follow: false, out _),
                folder.SetPathTimes(path, follow: true, s_times),
                folder.CreateDirectory(path),
                folder.RemoveDirectory(path),
                folder.Unlink(path),
                folder.Symlink("target"u8, path),
                folder.Symlink(path, "link"u8),
                folder.ReadLink(path, new byte[8], out _),
                folder.Link(path, folder, "new"u8),
                folder.Link("file"u8, folder, path),
                folder.Rename(path, folder, "new"u8),
                folder.Rename("file"u8, folder, path),
            ];
            Assert.All(answers, answer => Assert.Equal(Errno.ENAMETOOLONG, answer));
        }

        Assert.Equal([_host.Sub("file")], Directory.GetFileSystemEntries(_host.Path));
    }
}
