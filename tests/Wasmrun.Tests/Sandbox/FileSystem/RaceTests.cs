using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>
/// Paths that change while they are resolved: a thread swaps a folder for a link that leads out, or moves it out, as fast
/// as it can, while the guest goes through it many thousand times.
/// </summary>
public sealed class RaceTests : IDisposable
{
    private const int Root = MountedGuest.Root;
    private const int Rounds = 10_000;

    /// <summary>A race that never happened proves nothing, so the rounds go on until both sides were seen, up to here.</summary>
    private const int MostRounds = 200_000;

    private readonly TemporaryFolder _host = new();

    public RaceTests()
    {
        Directory.CreateDirectory(_host.Sub("mount", "swap"));
        Directory.CreateDirectory(_host.Sub("mount", "a", "b"));
        Directory.CreateDirectory(_host.Sub("outside"));
        File.WriteAllText(_host.Sub("mount", "swap", "file"), "inside");
        File.WriteAllText(_host.Sub("mount", "a", "file"), "inside");
        File.WriteAllText(_host.Sub("outside", "file"), "the secret");
        File.CreateSymbolicLink(_host.Sub("mount", "link"), "../outside");
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(Backing.Kernel)]
    [InlineData(Backing.Walk)]
    [InlineData(Backing.Covered)]
    public async Task FolderSwappedForALink_IsNeverReadThrough(Backing backing)
    {
        using var guest = Guest(backing);
        await Race(
            () => HostCalls.Exchange(_host.Sub("mount", "swap"), _host.Sub("mount", "link")),
            () => ReadsInside(guest, "swap/file"));
    }

    [Theory]
    [InlineData(Backing.Kernel)]
    [InlineData(Backing.Walk)]
    [InlineData(Backing.Covered)]
    public async Task FolderSwappedForALink_IsNeverWrittenThrough(Backing backing)
    {
        using var guest = Guest(backing);
        await Race(
            () => HostCalls.Exchange(_host.Sub("mount", "swap"), _host.Sub("mount", "link")),
            () =>
            {
                var result = guest.TryOpen(Root, "swap/made", out var fd, OpenFlags.Create, Rights.Write);
                _ = guest.OnPath("path_create_directory", Root, "swap/folder");
                _ = guest.Symlink("x", Root, "swap/symlink");
                _ = guest.Link(Root, "a/file", Root, "swap/hard");
                _ = guest.SetPathTimes(Root, "swap/file", 1, 1, SetTimesFlags.Modify);
                _ = guest.OnPath("path_unlink_file", Root, "swap/file");
                return Succeeded(guest, result, fd);
            });
        Assert.Equal("the secret", File.ReadAllText(_host.Sub("outside", "file")));
        Assert.Equal([_host.Sub("outside", "file")], Directory.GetFileSystemEntries(_host.Sub("outside")));
        Assert.True(File.GetLastWriteTimeUtc(_host.Sub("outside", "file")).Year > 1970);
    }

    [Theory]
    [InlineData(Backing.Kernel)]
    [InlineData(Backing.Walk)]
    [InlineData(Backing.Covered)]
    public async Task FileSwappedForALink_IsNeverReadThrough(Backing backing)
    {
        File.CreateSymbolicLink(_host.Sub("mount", "file-link"), "../outside/file");
        using var guest = Guest(backing);
        await Race(
            () => HostCalls.Exchange(_host.Sub("mount", "a", "file"), _host.Sub("mount", "file-link")),
            () => ReadsInside(guest, "a/file"));
    }

    [Theory]
    [InlineData(Backing.Kernel)]
    [InlineData(Backing.Walk)]
    [InlineData(Backing.Covered)]
    public async Task FolderMovedOut_DoesNotTakeTheWayBackOutWithIt(Backing backing)
    {
        using var guest = Guest(backing);
        var moved = false;
        await Race(
            () =>
            {
                var (from, to) = moved ? ("outside", "mount/a") : ("mount/a", "outside");
                HostCalls.Move(_host.Sub(from, "b"), _host.Sub(to, "b"));
                moved = !moved;
            },
            () => ReadsInside(guest, "a/b/../file"));
    }

    private static bool Succeeded(WasiGuest guest, WasiErrno result, int fd)
    {
        if (result == WasiErrno.None)
        {
            Assert.Equal(WasiErrno.None, guest.Close(fd));
        }

        guest.Free();
        return result == WasiErrno.None;
    }

    private static bool ReadsInside(WasiGuest guest, string path)
    {
        var result = guest.TryOpen(Root, path, out var fd);
        if (result == WasiErrno.None)
        {
            Assert.Equal("inside", guest.Read(fd, 32));
        }

        return Succeeded(guest, result, fd);
    }

    /// <summary>Does both as fast as it goes, until the guest's call has succeeded and failed often enough.</summary>
    internal static async Task Race(Action change, Func<bool> attempt)
    {
        using var end = new CancellationTokenSource();
        var changing = Task.Factory.StartNew(
            () =>
            {
                while (!end.IsCancellationRequested)
                {
                    change();
                }
            },
            end.Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var (succeeded, refused) = (0, 0);
        try
        {
            for (var round = 0; round < Rounds || ((succeeded == 0 || refused == 0) && round < MostRounds); round++)
            {
                _ = attempt() ? succeeded++ : refused++;
            }
        }
        finally
        {
            await end.CancelAsync();
            await changing;
        }

        Assert.True(succeeded > 0 && refused > 0, $"no race took place: {succeeded} succeeded, {refused} were refused");
    }

    private WasiGuest Guest(Backing backing) =>
        new(MountedGuest.ResolverOf(backing), [new GuestMount.Host("/data", _host.Sub("mount"), ReadOnly: false), .. MountedGuest.Below(backing, "/data")]);
}
