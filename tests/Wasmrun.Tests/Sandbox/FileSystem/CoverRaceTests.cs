using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>
/// Ways to a read-only mount point that change while they are walked, by the host or by another instance with the same mounts: what the host has there is
/// never changed, and keeps its place.
/// </summary>
public sealed class CoverRaceTests : IDisposable
{
    private const int App = MountedGuest.Root;

    private readonly TemporaryFolder _host = new();

    public CoverRaceTests()
    {
        foreach (var folder in new[] { "conf", "decoy/conf", "plain/other", "sub/inner", "x" })
        {
            Directory.CreateDirectory(_host.Sub("app", folder));
        }

        Directory.CreateDirectory(_host.Sub("mounted"));
        File.WriteAllText(_host.Sub("app", "conf", "c"), "hidden");
        File.WriteAllText(_host.Sub("app", "sub", "inner", "c"), "hidden");
        File.CreateSymbolicLink(_host.Sub("app", "way"), ".");
        File.CreateSymbolicLink(_host.Sub("app", "self"), ".");
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(Backing.Kernel)]
    [InlineData(Backing.Walk)]
    public async Task FolderSwappedForALinkUp_IsNoWayAround(Backing backing)
    {
        using var guest = Guest(backing);
        await RaceTests.Race(
            () => HostCalls.Exchange(_host.Sub("app", "way"), _host.Sub("app", "decoy")),
            () => Attack(guest, "way/conf"));
        AssertUntouched(_host.Sub("app", "conf"));
    }

    [Theory]
    [InlineData(Backing.Kernel)]
    [InlineData(Backing.Walk)]
    public async Task FolderSwappedForTheHiddenOne_IsNoWayAround(Backing backing)
    {
        using var guest = Guest(backing);
        var moved = false;
        await RaceTests.Race(
            () =>
            {
                HostCalls.Exchange(_host.Sub("app", "conf"), _host.Sub("app", "plain", "other"));
                moved = !moved;
            },
            () =>
            {
                Assert.False(Attack(guest, "self/conf"));
                return Attack(guest, "plain/other");
            });
        AssertUntouched(moved ? _host.Sub("app", "plain", "other") : _host.Sub("app", "conf"));
    }

    [Theory]
    [InlineData(Backing.Kernel)]
    [InlineData(Backing.Walk)]
    public async Task FolderMovedByAnotherInstance_IsNoWayAround(Backing backing)
    {
        using var guest = Guest(backing);
        using var other = Guest(backing);
        await RaceTests.Race(
            () =>
            {
                _ = other.Rename(App, "x", App, "plain/x");
                Assert.NotEqual(WasiErrno.None, other.Rename(App, "self/sub", App, "y"));
                Assert.NotEqual(WasiErrno.None, other.Rename(App, "sub/inner", App, "y"));
                Assert.NotEqual(WasiErrno.None, other.Rename(App, "plain", App, "self/sub"));
                _ = other.Rename(App, "plain/x", App, "x");
                other.Free();
            },
            () =>
            {
                Assert.False(Attack(guest, "x/../sub/inner"));
                Assert.False(Attack(guest, "plain/x/../../sub/inner"));
                return Attack(guest, "x/../plain/other");
            });
        AssertUntouched(_host.Sub("app", "sub", "inner"));
    }

    private static bool Attack(WasiGuest guest, string folder)
    {
        var result = guest.TryOpen(App, $"{folder}/made", out var fd, OpenFlags.Create, Rights.Write);
        if (result == WasiErrno.None)
        {
            Assert.Equal(WasiErrno.None, guest.Close(fd));
        }

        if (guest.TryOpen(App, $"{folder}/c", out fd, OpenFlags.Truncate, Rights.Write) == WasiErrno.None)
        {
            Assert.Equal(WasiErrno.None, guest.Close(fd));
        }

        _ = guest.OnPath("path_create_directory", App, $"{folder}/folder");
        _ = guest.Symlink("x", App, $"{folder}/link");
        _ = guest.SetPathTimes(App, $"{folder}/c", 1, 1, SetTimesFlags.Modify);
        _ = guest.Rename(App, $"{folder}/c", App, $"{folder}/moved");
        _ = guest.OnPath("path_unlink_file", App, $"{folder}/c");
        guest.Free();
        return result == WasiErrno.None;
    }

    private static void AssertUntouched(string hidden)
    {
        Assert.Equal([Path.Combine(hidden, "c")], Directory.GetFileSystemEntries(hidden));
        Assert.Equal("hidden", File.ReadAllText(Path.Combine(hidden, "c")));
        Assert.True(File.GetLastWriteTimeUtc(Path.Combine(hidden, "c")).Year > 1970);
    }

    private WasiGuest Guest(Backing backing) => new(
        MountedGuest.ResolverOf(backing),
        new GuestMount.Host("/app", _host.Sub("app"), ReadOnly: false),
        new GuestMount.Host("/app/conf", _host.Sub("mounted"), ReadOnly: true),
        new GuestMount.Host("/app/sub/inner", _host.Sub("mounted"), ReadOnly: true));
}
