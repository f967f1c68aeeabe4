using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>
/// The names that a mount and what is mounted below it have in the tree, met where they mean nothing: below plain folders, and below folders on the way to the
/// inner mount.
/// </summary>
public sealed class CoverNameTests : IDisposable
{
    private static readonly string[] s_names = ["app", "srv", "conf", "node_modules", "on", "way"];

    private readonly TemporaryFolder _host = new();

    /// <summary>How paths are resolved, where the mount is, and what is mounted below it from there on.</summary>
    public static TheoryData<Backing, string, string> Layouts
    {
        get
        {
            var layouts = new TheoryData<Backing, string, string>();
            foreach (var backing in new[] { Backing.Kernel, Backing.Walk })
            {
                layouts.Add(backing, "/app", "node_modules");
                layouts.Add(backing, "/app", "on/the/way");
                layouts.Add(backing, "/app", "app");
                layouts.Add(backing, "/app", "app/app/app");
                layouts.Add(backing, "/app", "on/app/conf");
                layouts.Add(backing, "/srv/app", "node_modules");
                layouts.Add(backing, "/srv/app", "srv/app");
                layouts.Add(backing, "/app/app", "on/app");
                layouts.Add(backing, "/", "app");
                layouts.Add(backing, "/", "on/app");
            }

            return layouts;
        }
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Name_IsAnOrdinaryOneEverywhereElse(Backing backing, string mount, string below)
    {
        using var guest = Guest(backing, mount, below);
        var tree = mount == "/" ? "" : $"{mount[1..]}/";
        var root = Enumerable.Range(MountedGuest.Root, 20).First(fd => guest.PathStatus(fd, $"{tree}plain/on/app", out _) == WasiErrno.None);
        foreach (var folder in FoldersOf(below))
        {
            foreach (var name in s_names.Where(name => !IsOnTheWay($"{folder}/{name}", below)))
            {
                AssertOrdinary(guest, MountedGuest.Root, $"{folder}/{name}");
                AssertOrdinary(guest, root, $"{tree}{folder}/{name}");
                AssertOrdinary(guest, MountedGuest.Root, $"self/{folder}/../{folder[(folder.LastIndexOf('/') + 1)..]}/{name}");
                AssertOrdinary(guest, guest.OpenFolder(MountedGuest.Root, folder), name);
                AssertOrdinary(guest, guest.OpenFolder(root, $"{tree}{folder}"), $"./{name}");
            }
        }

        Assert.Equal("mounted", guest.ReadFile(root, $"{tree}{below}/c"));
        Assert.Equal("mounted", guest.ReadFile(MountedGuest.Root, $"self/{below}/c"));
    }

    /// <summary>Folders without a place in the tree, and those on the way.</summary>
    private static IEnumerable<string> FoldersOf(string below)
    {
        yield return "plain";
        yield return "plain/app";
        yield return "plain/app/app";
        yield return "plain/on/app";
        for (var end = below.IndexOf('/'); end > 0; end = below.IndexOf('/', end + 1))
        {
            yield return below[..end];
            yield return $"{below[..end]}/plain";
        }
    }

    private static bool IsOnTheWay(string path, string below) => $"{below}/".StartsWith($"{path}/", StringComparison.Ordinal);

    private static void AssertOrdinary(WasiGuest guest, int folder, string path)
    {
        // Some of the names are folders of the test's own.
        var exists = guest.PathStatus(folder, path, out _);
        if (exists == WasiErrno.ENOENT)
        {
            Assert.Equal(WasiErrno.ENOENT, guest.TryOpen(folder, path, out _));
            Assert.Equal(WasiErrno.ENOENT, guest.TryOpen(folder, $"{path}/app", out _));
            guest.WriteFile(folder, path, "file");
            Assert.Equal("file", guest.ReadFile(folder, path));
            Assert.Equal(WasiErrno.None, guest.Rename(folder, path, folder, $"{path}.moved"));
            Assert.Equal(WasiErrno.None, guest.OnPath("path_unlink_file", folder, $"{path}.moved"));
            Assert.Equal(WasiErrno.None, guest.OnPath("path_create_directory", folder, path));
            guest.WriteFile(folder, $"{path}/app", "file");
            Assert.Equal(WasiErrno.None, guest.OnPath("path_unlink_file", folder, $"{path}/app"));
            exists = guest.OnPath("path_remove_directory", folder, path);
        }

        Assert.Equal(WasiErrno.None, exists);
        guest.Free();
    }

    private WasiGuest Guest(Backing backing, string mount, string below)
    {
        Directory.CreateDirectory(_host.Sub("mounted"));
        File.WriteAllText(_host.Sub("mounted", "c"), "mounted");
        foreach (var folder in FoldersOf(below))
        {
            Directory.CreateDirectory(_host.Sub("host", folder));
        }

        File.CreateSymbolicLink(_host.Sub("host", "self"), ".");
        return new(
            MountedGuest.ResolverOf(backing),
            new GuestMount.Host(mount, _host.Sub("host"), ReadOnly: false),
            new GuestMount.Host($"{mount.TrimEnd('/')}/{below}", _host.Sub("mounted"), ReadOnly: true));
    }
}
