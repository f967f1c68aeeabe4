using System.Globalization;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>What a listing shows, whatever stands behind the folder.</summary>
public abstract class ListingRules : IDisposable
{
    private const int Root = MountedGuest.Root;
    private const int ManyFiles = 300;

    private readonly MountedGuest _mounted;
    private readonly WasiGuest _guest;

    private protected ListingRules(Backing backing)
    {
        _mounted = new(backing);
        _guest = _mounted.Guest;
    }

    public void Dispose()
    {
        _mounted.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void EmptyFolder_ListsItselfAndItsParent()
    {
        var entries = _guest.List(Root);
        Assert.Equal([".", ".."], entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(entries, entry => Assert.Equal(FileType.Directory, entry.Type));
    }

    [Fact]
    public void Root_ShowsNothingOfTheFolderAboveIt()
    {
        var own = _guest.Status(Root).Inode;
        Assert.All(_guest.List(Root), entry => Assert.Equal(own, entry.Inode));
        var reopened = _guest.OpenFolder(Root, ".");
        Assert.All(_guest.List(reopened), entry => Assert.Equal(own, entry.Inode));
    }

    [Fact]
    public void Entry_HasTypeAndInodeOfWhatItNames()
    {
        _guest.WriteFile(Root, "file", "x");
        Assert.Equal(WasiErrno.None, _guest.OnPath("path_create_directory", Root, "folder"));
        Assert.Equal(WasiErrno.None, _guest.Symlink("file", Root, "link"));
        foreach (var entry in _guest.List(Root).Where(entry => entry.Name[0] != '.'))
        {
            Assert.Equal(WasiErrno.None, _guest.PathStatus(Root, entry.Name, out var status, follow: false));
            Assert.Equal((status.Inode, status.Type), (entry.Inode, entry.Type));
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(257)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Listing_InPartsIsWholeAndWithoutRepetition(int bufferLength)
    {
        Fill();
        Assert.Equal(Names().Append(".").Append("..").Order(StringComparer.Ordinal), NamesIn(_guest.List(Root, bufferLength)));
    }

    [Fact]
    public void Buffer_ThatEndsInsideAnEntryIsFilledToItsEnd()
    {
        _guest.WriteFile(Root, "a-rather-long-name", "x");
        for (var length = 0; length < 60; length++)
        {
            _ = _guest.ListPart(Root, 0, length, out var used);
            Assert.Equal(length, used);
        }
    }

    [Fact]
    public void Cookie_GoesOnWhereItWasGiven()
    {
        Fill();
        var all = _guest.List(Root, 65536);
        foreach (var index in new[] { 0, 1, 7, 150, ManyFiles })
        {
            var rest = _guest.ListPart(Root, (long)all[index].Next, 65536, out _);
            Assert.Equal(all.Skip(index + 1), rest);
            _guest.Free();
        }
    }

    [Fact]
    public void Cookie_StaysGoodWhileEntriesComeAndGo()
    {
        Fill();
        var first = _guest.ListPart(Root, 0, 2048, out _);
        var seen = first.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in Names().Where((_, index) => index % 2 == 0))
        {
            Assert.Equal(WasiErrno.None, _guest.OnPath("path_unlink_file", Root, name));
        }

        _guest.WriteFile(Root, "late", "x");
        var rest = _guest.ListPart(Root, (long)first[^1].Next, 65536, out _);
        Assert.DoesNotContain(rest, entry => seen.Contains(entry.Name));

        // Everything that was there all the time is listed, once.
        var kept = Names().Where((_, index) => index % 2 == 1);
        Assert.Empty(kept.Except(seen).Except(rest.Select(entry => entry.Name)));
    }

    [Fact]
    public void Cookie_ThatNobodyGaveListsNoMoreThanThereIs()
    {
        Fill();
        foreach (var cookie in new[] { 1L, 5, 12345, long.MaxValue - 1, long.MinValue, -1 })
        {
            var buffer = _guest.Reserve(65536);
            var result = _guest.Call("fd_readdir", Root, buffer, 65536, cookie, WasiGuest.Result);
            Assert.True(result is WasiErrno.None or WasiErrno.EINVAL, result.ToString());
            _guest.Free();
        }

        Assert.Equal(ManyFiles + 2, _guest.List(Root, 65536).Count);
    }

    [Fact]
    public void Listing_StartsOverWithCookieZero()
    {
        _guest.WriteFile(Root, "a", "x");
        Assert.Equal(3, _guest.List(Root).Count);
        _guest.WriteFile(Root, "b", "x");
        Assert.Equal(4, _guest.List(Root).Count);
    }

    [Fact]
    public void Listing_NeedsAFolderAndTheRight()
    {
        _guest.WriteFile(Root, "file", "x");
        var file = _guest.Open(Root, "file");
        var buffer = _guest.Reserve(128);
        Assert.Equal(WasiErrno.ENOTDIR, _guest.Call("fd_readdir", file, buffer, 128, 0L, WasiGuest.Result));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_rights", Root, (long)Rights.Open, 0L));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_readdir", Root, buffer, 128, 0L, WasiGuest.Result));
        Assert.Equal(WasiErrno.EBADF, _guest.Call("fd_readdir", 99, buffer, 128, 0L, WasiGuest.Result));
    }

    private static IEnumerable<string> Names() => Enumerable.Range(0, ManyFiles).Select(number => number.ToString("'file-'000", CultureInfo.InvariantCulture));

    private static IEnumerable<string> NamesIn(IEnumerable<ListedEntry> entries) => entries.Select(entry => entry.Name).Order(StringComparer.Ordinal);

    private void Fill()
    {
        foreach (var name in Names())
        {
            _guest.WriteFile(Root, name, "");
            _guest.Free();
        }
    }
}
