using CsCheck;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.FileSystem;
using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;
using Libc = Wasmrun.Sandbox.FileSystem.Libc;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>
/// Random paths in random trees full of links, many of which lead out: what is found lies in the mount, and both ways to
/// resolve a path find the same, or refuse it for the same reason.
/// </summary>
public sealed unsafe class PathPropertyTests : IDisposable
{
    private const int Root = MountedGuest.Root;
    private const int Trees = 100;
    private const int PathsPerTree = 60;

    /// <summary>The folders of every tree, all of them real ones.</summary>
    private static readonly string[] s_folders = [".", "dir", "dir/dir"];

    private static readonly string[] s_names = ["a", "b", "c", "dir"];

    private static readonly Gen<string> s_piece = Gen.Frequency(
        (6, Of(s_names)),
        (3, Gen.Const("..")),
        (1, Of(".", "", "outside", "mount", "missing")));

    private static readonly Gen<string> s_path =
        Gen.Select(s_piece.List[1, 8], Of("", "/", "/."), (pieces, end) => string.Join('/', pieces) + end);

    /// <summary>Where a link stands, and what it points at.</summary>
    private static readonly Gen<List<(string Place, string Target)>> s_links = Gen.Select(
        Gen.Select(Of(s_folders), Of(s_names), (folder, name) => folder + "/" + name),
        s_path.Where(target => target.Length > 0)).List[0, 8];

    private readonly TemporaryFolder _host = new();

    public PathPropertyTests()
    {
        Directory.CreateDirectory(_host.Sub("outside", "dir"));
        File.WriteAllText(_host.Sub("outside", "a"), "the secret");
        File.WriteAllText(_host.Sub("outside", "dir", "a"), "the secret");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Path_NeverLeavesItsMountAndBothWaysAgree() =>
        Gen.Select(s_links, s_path.List[PathsPerTree]).Sample(
            (links, paths) =>
            {
                MakeTree(links);
                using var mounted = new WasiGuest(new GuestMount.Host("/data", _host.Sub("mount"), ReadOnly: true));
                var folder = OpenPath(_host.Sub("mount"));
                var inside = Inodes();
                foreach (var path in paths)
                {
                    AssertInside(mounted, path, inside);
                    mounted.Free();
                    foreach (var flags in new[] { HostOpenFlags.PathOnly, HostOpenFlags.PathOnly | Libc.NoFollow, HostOpenFlags.ReadOnly | Libc.OnlyFolder })
                    {
                        var kernel = Resolve(MountedGuest.ResolverOf(Backing.Kernel), folder, path, flags);
                        var walk = Resolve(PathResolvers.Walking, folder, path, flags);
                        Assert.True(kernel == walk, $"{path} ({flags}): the kernel says {kernel}, the walk {walk}");
                    }
                }

                _ = Libc.Close(folder);
            },
            iter: Trees,
            threads: 1);

    private static Gen<string> Of(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(index => choices[index]);

    private static void AssertInside(WasiGuest guest, string path, HashSet<ulong> inside)
    {
        if (guest.PathStatus(Root, path, out var status) == WasiErrno.None)
        {
            Assert.Contains(status.Inode, inside);
        }

        if (guest.TryOpen(Root, path, out var fd) == WasiErrno.None)
        {
            Assert.Contains(guest.Status(fd).Inode, inside);
            Assert.Equal(WasiErrno.None, guest.Close(fd));
        }
    }

    private static (Errno Outcome, ulong Inode) Resolve(IPathResolver resolver, int folder, string path, HostOpenFlags flags)
    {
        Errno outcome;
        int fd;
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(path + "\0"))
        {
            outcome = resolver.Open(folder, text, flags, out fd);
        }

        if (outcome != Errno.None)
        {
            return (outcome, 0);
        }

        Assert.Equal(Errno.None, HostTransfer.GetStatus(fd, out var status));
        _ = Libc.Close(fd);
        return (outcome, status.Inode);
    }

    private static int OpenPath(string path)
    {
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(path + "\0"))
        {
            var fd = Libc.Open(text, HostOpenFlags.PathOnly | HostOpenFlags.CloseOnExec, 0);
            Assert.True(fd >= 0);
            return fd;
        }
    }

    /// <summary>Folders and files two levels deep, and the links wherever their places happen to lie inside.</summary>
    private void MakeTree(List<(string Place, string Target)> links)
    {
        var mount = _host.Sub("mount");
        if (Directory.Exists(mount))
        {
            Directory.Delete(mount, recursive: true);
        }

        Directory.CreateDirectory(Path.Combine(mount, "dir", "dir"));
        foreach (var file in new[] { "a", "dir/b", "dir/dir/c" })
        {
            File.WriteAllText(Path.Combine(mount, file), "inside");
        }

        foreach (var (place, target) in links)
        {
            var path = Path.Combine(mount, place);
            if (!Path.Exists(path))
            {
                File.Delete(path);
                File.CreateSymbolicLink(path, target);
            }
        }
    }

    /// <summary>The inode numbers of everything in the mount, links not followed.</summary>
    private HashSet<ulong> Inodes()
    {
        var mount = _host.Sub("mount");
        return
        [
            .. s_folders.SelectMany(folder => Directory.EnumerateFileSystemEntries(Path.Combine(mount, folder))).Append(mount).Select(path =>
            {
                fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(path + "\0"))
                {
                    HostStatus status;
                    Assert.Equal(0, Libc.Statx(-100, text, Libc.NoFollowLink, HostStatus.BasicMask, &status));
                    return status.ToGuest().Inode;
                }
            }),
        ];
    }
}
