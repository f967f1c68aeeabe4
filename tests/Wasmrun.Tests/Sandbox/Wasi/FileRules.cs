using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>What an open file does, whatever stands behind it.</summary>
public abstract class FileRules : IDisposable
{
    private const int Root = MountedGuest.Root;
    private const Rights Everything = Rights.All;

    private readonly MountedGuest _mounted;
    private readonly WasiGuest _guest;

    private protected FileRules(Backing backing)
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
    public void Write_GathersAllItsBuffersInOrder()
    {
        var fd = NewFile();
        var vectors = _guest.PutVectors((_guest.Put("ab"u8), 2), (_guest.MemorySize, 0), (_guest.Put("cde"u8), 3), (_guest.Put("f"u8), 1));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_write", fd, vectors, 4, WasiGuest.Result));
        Assert.Equal([6, 0, 0, 0], _guest.Bytes(WasiGuest.Result, 4));
        Assert.Equal("abcdef", _guest.ReadFile(Root, "file"));
    }

    [Fact]
    public void Read_ScattersOverItsBuffersAndTouchesNothingElse()
    {
        var fd = NewFile("abcdef");
        var buffer = _guest.Put("..............."u8);
        var vectors = _guest.PutVectors((buffer + 1, 2), (buffer + 5, 3), (buffer + 10, 4));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_read", fd, vectors, 3, WasiGuest.Result));
        Assert.Equal(6, _guest.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal(".ab..cde..f....", _guest.Text(buffer, 15));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_read", fd, vectors, 3, WasiGuest.Result));
        Assert.Equal(0, _guest.Memory.ReadInt32(WasiGuest.Result));
    }

    [Fact]
    public void ReadAndWrite_TakeTheFirst1024BuffersOfMore()
    {
        var fd = NewFile();
        var one = _guest.Put("x"u8);
        var vectors = _guest.PutVectors([.. Enumerable.Repeat((one, 1), 1500)]);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_write", fd, vectors, 1500, WasiGuest.Result));
        Assert.Equal(1024, _guest.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_pread", fd, vectors, 1500, 0L, WasiGuest.Result));
        Assert.Equal(1024, _guest.Memory.ReadInt32(WasiGuest.Result));
    }

    [Fact]
    public void ReadAndWrite_AtAPlaceLeaveThePositionAlone()
    {
        var fd = NewFile("0123456789");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_pwrite", fd, _guest.PutVectors((_guest.Put("AB"u8), 2)), 1, 4L, WasiGuest.Result));
        Assert.Equal(2, _guest.Memory.ReadInt32(WasiGuest.Result));
        var buffer = _guest.Reserve(8);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_pread", fd, _guest.PutVectors((buffer, 8)), 1, 3L, WasiGuest.Result));
        Assert.Equal("3AB6789", _guest.Text(buffer, _guest.Memory.ReadInt32(WasiGuest.Result)));
        Assert.Equal("0123AB6789", _guest.Read(fd));
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_pread", fd, _guest.PutVectors((buffer, 8)), 1, -1L, WasiGuest.Result));
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_pwrite", fd, _guest.PutVectors((buffer, 8)), 1, -1L, WasiGuest.Result));
    }

    [Fact]
    public void Write_BehindTheEndLeavesZeros()
    {
        var fd = NewFile("ab");
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, 3, Whence.End, out _));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, "c"));
        Assert.Equal("ab\0\0\0c", _guest.ReadFile(Root, "file"));
    }

    [Fact]
    public void Append_WritesAtTheEndWhereverThePositionIs()
    {
        _guest.WriteFile(Root, "file", "ab");
        Assert.Equal(WasiErrno.None, _guest.TryOpen(Root, "file", out var fd, OpenFlags.None, Everything, fdFlags: FdFlags.Append));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, "cd"));
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, 0, Whence.Set, out _));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, "ef"));
        Assert.Equal("abcdef", _guest.ReadFile(Root, "file"));
    }

    [Fact]
    public void Append_OfNothingLeavesThePositionAlone()
    {
        _guest.WriteFile(Root, "file", "abcdef");
        Assert.Equal(WasiErrno.None, _guest.TryOpen(Root, "file", out var fd, OpenFlags.None, Everything, fdFlags: FdFlags.Append));
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, 2, Whence.Set, out _));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, ""));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_write", fd, _guest.PutVectors((0, 0)), 0, WasiGuest.Result));
        Assert.Equal("cd", _guest.Read(fd, 2));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, "gh"));
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, 0, Whence.Current, out var position));
        Assert.Equal(8, position);
    }

    [Theory]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MaxValue - 7, 8)]
    [InlineData(-1, 0)]
    [InlineData(long.MinValue, 8)]
    public void ReadAndWrite_BehindTheLastPlaceAreInvalid(long offset, int length)
    {
        _guest.WriteFile(Root, "file", "abc");
        foreach (var flags in new[] { FdFlags.None, FdFlags.Append })
        {
            Assert.Equal(WasiErrno.None, _guest.TryOpen(Root, "file", out var fd, OpenFlags.None, Everything, fdFlags: flags));
            var whole = _guest.PutVectors((_guest.Reserve(8), length));
            var pieces = _guest.PutVectors((_guest.Reserve(8), length / 2), (_guest.Reserve(8), length - (length / 2)));
            Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_pread", fd, whole, 1, offset, WasiGuest.Result));
            Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_pread", fd, pieces, 2, offset, WasiGuest.Result));
            Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_pwrite", fd, whole, 1, offset, WasiGuest.Result));
            Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_pwrite", fd, pieces, 2, offset, WasiGuest.Result));
        }

        Assert.Equal("abc", _guest.ReadFile(Root, "file"));
    }

    [Theory]
    [InlineData(long.MaxValue, 0)]
    [InlineData(long.MaxValue - 8, 8)]
    public void Read_UpToTheLastPlaceFindsTheEnd(long offset, int length)
    {
        var fd = NewFile("abc");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_pread", fd, _guest.PutVectors((_guest.Reserve(8), length)), 1, offset, WasiGuest.Result));
        Assert.Equal(0, _guest.Memory.ReadInt32(WasiGuest.Result));
    }

    [Theory]
    [InlineData((int)FdFlags.DataSync)]
    [InlineData((int)FdFlags.ReadSync)]
    [InlineData((int)FdFlags.Sync)]
    [InlineData((int)(FdFlags.Append | FdFlags.Sync))]
    public void Flags_OfHowTheFileIsKeptStayAsItWasOpened(int flags)
    {
        var fd = NewFile("abc");
        Assert.Equal(WasiErrno.ENOTSUP, _guest.Call("fd_fdstat_set_flags", fd, flags));
        Assert.Equal(0, FdStat(fd)[2]);
        Assert.Equal(WasiErrno.None, _guest.TryOpen(Root, "file", out var other, OpenFlags.None, Everything, fdFlags: (FdFlags)flags));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_flags", other, flags | (int)FdFlags.NonBlock));
        Assert.Equal(WasiErrno.ENOTSUP, _guest.Call("fd_fdstat_set_flags", other, 0));
        Assert.Equal(flags | (int)FdFlags.NonBlock, FdStat(other)[2]);
    }

    [Fact]
    public void Append_CanBeTurnedOnAndOff()
    {
        var fd = NewFile("abc");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_flags", fd, (int)FdFlags.Append));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, "d"));
        Assert.Equal((byte)FdFlags.Append, FdStat(fd)[2]);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_flags", fd, 0));
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, 0, Whence.Set, out _));
        Assert.Equal(WasiErrno.None, _guest.Write(fd, "A"));
        Assert.Equal("Abcd", _guest.ReadFile(Root, "file"));
    }

    [Theory]
    [InlineData(3, (byte)Whence.Set, 3)]
    [InlineData(-2, (byte)Whence.End, 4)]
    [InlineData(1, (byte)Whence.Current, 3)]
    [InlineData(100, (byte)Whence.End, 106)]
    public void Seek_CountsFromWhereItIsTold(long offset, byte whence, long expected)
    {
        var fd = NewFile("abcdef");
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, 2, Whence.Set, out _));
        Assert.Equal(WasiErrno.None, _guest.Seek(fd, offset, (Whence)whence, out var position));
        Assert.Equal(expected, position);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_tell", fd, WasiGuest.Result));
        Assert.Equal(expected, _guest.Memory.ReadInt64(WasiGuest.Result));
    }

    [Fact]
    public void Seek_BeforeTheBeginningOrFromNowhereIsInvalid()
    {
        var fd = NewFile("abc");
        Assert.Equal(WasiErrno.EINVAL, _guest.Seek(fd, -1, Whence.Set, out _));
        Assert.Equal(WasiErrno.EINVAL, _guest.Seek(fd, -4, Whence.End, out _));
        Assert.Equal(WasiErrno.EINVAL, _guest.Seek(fd, 0, (Whence)3, out _));
        Assert.Equal(WasiErrno.EINVAL, _guest.Seek(fd, long.MinValue, Whence.Current, out _));
        Assert.Equal("abc", _guest.Read(fd));
    }

    [Fact]
    public void SetSize_CutsAndGrowsWithZeros()
    {
        var fd = NewFile("abcdef");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_filestat_set_size", fd, 2L));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_filestat_set_size", fd, 5L));
        Assert.Equal("ab\0\0\0", _guest.ReadFile(Root, "file"));
        Assert.Equal(5UL, _guest.Status(fd).Size);
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_filestat_set_size", fd, -1L));
    }

    [Fact]
    public void Allocate_GrowsTheFileAndNeverShrinksIt()
    {
        var fd = NewFile("abc");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_allocate", fd, 10L, 90L));
        Assert.Equal(100UL, _guest.Status(fd).Size);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_allocate", fd, 0L, 1L));
        Assert.Equal(100UL, _guest.Status(fd).Size);
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_allocate", fd, 0L, 0L));
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_allocate", fd, -1L, 1L));
        Assert.Equal(WasiErrno.EFBIG, _guest.Call("fd_allocate", fd, long.MaxValue, 1L));
    }

    [Fact]
    public void SetTimes_ChangesWhatIsAsked()
    {
        var fd = NewFile("x");
        const int Both = (int)(SetTimesFlags.Access | SetTimesFlags.Modify);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_filestat_set_times", fd, 123_000_000_456L, 789_000_000_012L, Both));
        var status = _guest.Status(fd);
        Assert.Equal((123_000_000_456UL, 789_000_000_012UL), (status.AccessTime, status.ModifyTime));
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_filestat_set_times", fd, 1L, 1L, Both | 2));
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("fd_filestat_set_times", fd, 1L, 1L, (1 << 16) | 1));
    }

    [Fact]
    public void Sync_Succeeds()
    {
        var fd = NewFile("x");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_sync", fd));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_datasync", fd));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_sync", Root));
    }

    [Theory]
    [InlineData(0L, 0L, 5, "None")]
    [InlineData(0L, 0L, 6, "EINVAL")]
    [InlineData(-1L, 0L, 0, "EINVAL")]
    [InlineData(0L, -1L, 0, "EINVAL")]
    public void Advise_IsCheckedAndHasNoEffect(long offset, long length, int advice, string expected)
    {
        var fd = NewFile("content");
        Assert.Equal(expected, _guest.Call("fd_advise", fd, offset, length, advice).ToString());
        Assert.Equal("content", _guest.Read(fd));
    }

    [Fact]
    public void Descriptor_TellsItsTypeFlagsAndRights()
    {
        Assert.Equal(WasiErrno.None, _guest.TryOpen(Root, "file", out var fd, OpenFlags.Create, Rights.Read | Rights.Seek, fdFlags: FdFlags.NonBlock));
        Assert.Equal(
            [4, 0, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 63, 0, 0, 0, 0],
            FdStat(fd));
    }

    [Theory]
    [InlineData("fd_read", (ulong)Rights.Write)]
    [InlineData("fd_write", (ulong)Rights.Read)]
    [InlineData("fd_pread", (ulong)Rights.Write)]
    [InlineData("fd_pwrite", (ulong)Rights.Read)]
    [InlineData("fd_seek", (ulong)(Rights.Read | Rights.Write | Rights.Tell))]
    [InlineData("fd_tell", (ulong)(Rights.Read | Rights.Write))]
    [InlineData("fd_sync", (ulong)Rights.DataSync)]
    [InlineData("fd_datasync", (ulong)Rights.Sync)]
    [InlineData("fd_allocate", (ulong)Rights.Write)]
    [InlineData("fd_filestat_set_size", (ulong)Rights.Write)]
    [InlineData("fd_filestat_set_times", (ulong)Rights.Write)]
    [InlineData("fd_fdstat_set_flags", (ulong)Rights.Write)]
    public void Call_WithoutItsRightIsNotCapable(string function, ulong rights)
    {
        _guest.WriteFile(Root, "file", "content");
        var fd = _guest.Open(Root, "file", OpenFlags.None, (Rights)rights);
        var vectors = _guest.PutVectors((_guest.Put("x"u8), 1));
        var result = function switch
        {
            "fd_read" or "fd_write" => _guest.Call(function, fd, vectors, 1, WasiGuest.Result),
            "fd_pread" or "fd_pwrite" => _guest.Call(function, fd, vectors, 1, 0L, WasiGuest.Result),
            "fd_seek" => _guest.Call(function, fd, 1L, 0, WasiGuest.Result),
            "fd_tell" => _guest.Call(function, fd, WasiGuest.Result),
            "fd_allocate" => _guest.Call(function, fd, 0L, 1L),
            "fd_filestat_set_size" => _guest.Call(function, fd, 0L),
            "fd_filestat_set_times" => _guest.Call(function, fd, 0L, 0L, 2),
            "fd_fdstat_set_flags" => _guest.Call(function, fd, 0),
            _ => _guest.Call(function, fd),
        };
        Assert.Equal(WasiErrno.ENOTCAPABLE, result);
        Assert.Equal("content", _guest.ReadFile(Root, "file"));
    }

    [Fact]
    public void Rights_CanBeGivenUpAndNotGotBack()
    {
        var fd = NewFile("content");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_rights", fd, (long)Rights.Read, 0L));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Write(fd, "x"));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_fdstat_set_rights", fd, (long)(Rights.Read | Rights.Write), 0L));
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Call("fd_fdstat_set_rights", fd, (long)Rights.Read, 1L));
        Assert.Equal("content", _guest.Read(fd));
    }

    [Fact]
    public void Rights_OfAFileAreAtMostWhatItsFolderHandsOn()
    {
        _guest.WriteFile(Root, "file", "content");
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_rights", Root, (long)Rights.Directory, (long)(Rights.Read | Rights.Seek)));
        var fd = _guest.Open(Root, "file", OpenFlags.None, Rights.Read | Rights.Write);
        Assert.Equal(WasiErrno.ENOTCAPABLE, _guest.Write(fd, "x"));
        Assert.Equal("content", _guest.Read(fd));
    }

    [Fact]
    public void Poll_FindsAFileReadyAtOnce()
    {
        var fd = NewFile();
        var subscription = _guest.Reserve(48);
        _guest.Memory.WriteInt64(subscription, 42);
        _guest.Memory.WriteByte(subscription + 8, 2);
        _guest.Memory.WriteInt32(subscription + 16, fd);
        var happened = _guest.Reserve(32);
        Assert.Equal(WasiErrno.None, _guest.Call("poll_oneoff", subscription, happened, 1, WasiGuest.Result));
        Assert.Equal(1, _guest.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal(42, _guest.Memory.ReadInt64(happened));
        Assert.Equal([0, 0, 2], _guest.Bytes(happened + 8, 3));
    }

    private int NewFile(string content = "")
    {
        _guest.WriteFile(Root, "file", content);
        return _guest.Open(Root, "file", OpenFlags.None, Everything);
    }

    private byte[] FdStat(int fd)
    {
        var place = _guest.Put(Enumerable.Repeat((byte)0xff, 24).ToArray());
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_get", fd, place));
        return _guest.Bytes(place, 24);
    }
}
