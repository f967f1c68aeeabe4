using Wasmrun.Sandbox.Wasi;
using Wasmrun.Tests.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.FileSystem;

/// <summary>Paths that are no paths: NUL bytes, too long, not UTF-8, outside the guest's memory.</summary>
public sealed class HostileNameTests
{
    private const int Root = MountedGuest.Root;

    private static readonly string s_longestName = new('n', 255);

    public static TheoryData<Backing> Backings => [Backing.Kernel, Backing.Walk, Backing.Covered, Backing.Memory];

    /// <summary>Functions of the form (folder, path, length).</summary>
    private static IEnumerable<string> Functions => ["path_create_directory", "path_remove_directory", "path_unlink_file"];

    [Theory]
    [MemberData(nameof(Backings))]
    public void Nul_IsInvalidWhereverItStands(Backing backing)
    {
        using var mounted = new MountedGuest(backing);
        var guest = mounted.Guest;
        guest.WriteFile(Root, "file", "content");
        foreach (var path in new[] { "\0", "file\0", "\0file", "fi\0le", "file\0/../secret", "file/\0" })
        {
            AssertRefused(guest, path, WasiErrno.EINVAL);
        }
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public void Name_Of255BytesIsTheLongest(Backing backing)
    {
        using var mounted = new MountedGuest(backing);
        var guest = mounted.Guest;
        guest.WriteFile(Root, "file", "content");
        guest.WriteFile(Root, s_longestName, "content");
        Assert.Equal("content", guest.ReadFile(Root, s_longestName));
        AssertRefused(guest, s_longestName + "n", WasiErrno.ENAMETOOLONG);
        AssertRefused(guest, new string('ü', 128), WasiErrno.ENAMETOOLONG);
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public void Path_Of4095BytesIsTheLongest(Backing backing)
    {
        using var mounted = new MountedGuest(backing);
        var guest = mounted.Guest;
        guest.WriteFile(Root, "file", "content");
        var longest = string.Concat(Enumerable.Repeat("./", 2045)) + "/file";
        Assert.Equal(4095, longest.Length);
        Assert.Equal("content", guest.ReadFile(Root, longest));
        AssertRefused(guest, "/" + longest, WasiErrno.ENAMETOOLONG);
        AssertRefused(guest, "." + longest, WasiErrno.ENAMETOOLONG);
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public void Bytes_ThatAreNotUtf8AreRefused(Backing backing)
    {
        using var mounted = new MountedGuest(backing);
        var guest = mounted.Guest;
        foreach (byte[] bytes in new byte[][] { [0xff], [(byte)'a', 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf] })
        {
            var address = guest.Put(bytes);
            foreach (var function in Functions)
            {
                Assert.Equal(WasiErrno.EILSEQ, guest.Call(function, Root, address, bytes.Length));
            }
        }
    }

    [Fact]
    public void Path_OutsideMemoryIsAFault()
    {
        using var guest = new WasiGuest();
        foreach (var function in Functions)
        {
            Assert.Equal(WasiErrno.EFAULT, guest.Call(function, Root, guest.MemorySize - 3, 4));
            Assert.Equal(WasiErrno.EFAULT, guest.Call(function, Root, -1, 2));
            Assert.Equal(WasiErrno.ENAMETOOLONG, guest.Call(function, Root, 0, -1));
        }
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("größe")]
    [InlineData("日本語")]
    [InlineData("...")]
    [InlineData("-rf *")]
    [InlineData("new\nline")]
    [InlineData("back\\slash")]
    [InlineData(":")]
    public void Name_MayBeAnythingElse(string name)
    {
        using var mounted = new MountedGuest(Backing.Kernel);
        mounted.Guest.WriteFile(Root, name, "content");
        Assert.Equal("content", File.ReadAllText(mounted.Folder.Sub(name)));
        Assert.Contains(mounted.Guest.List(Root), entry => entry.Name == name);
    }

    private static void AssertRefused(WasiGuest guest, string path, WasiErrno expected)
    {
        Assert.Equal(expected, guest.TryOpen(Root, path, out _, OpenFlags.Create, Rights.Write));
        Assert.Equal(expected, guest.TryOpen(Root, path, out _));
        Assert.Equal(expected, guest.PathStatus(Root, path, out _));
        Assert.Equal(expected, guest.ReadLink(Root, path, 64, out _));
        Assert.Equal(expected, guest.SetPathTimes(Root, path, 1, 1, SetTimesFlags.Modify));
        Assert.Equal(expected, guest.Rename(Root, "file", Root, path));
        Assert.Equal(expected, guest.Symlink("x", Root, path));
        foreach (var function in Functions)
        {
            Assert.Equal(expected, guest.OnPath(function, Root, path));
        }

        guest.Free();
    }
}
