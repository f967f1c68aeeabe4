using System.IO.Pipes;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>A guest's standard streams.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.Out);
    private readonly WasiGuest _guest;

    public StreamTests() =>
        _guest = new(options => options with { StandardInput = (int)_pipe.ClientSafePipeHandle.DangerousGetHandle() });

    public void Dispose()
    {
        _guest.Dispose();
        _pipe.Dispose();
    }

    [Fact]
    public void Output_TakesEveryByteOfEveryBuffer()
    {
        var vectors = _guest.PutVectors((_guest.Put("no "u8), 3), (_guest.MemorySize, 0), (_guest.Put("newline"u8), 7));
        Assert.Equal(WasiErrno.None, _guest.Call("fd_write", 1, vectors, 3, WasiGuest.Result));
        Assert.Equal(10, _guest.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal("no newline", _guest.Output.Text(GuestStream.Output));
    }

    [Fact]
    public void Output_KeepsTheOrderOfBothStreams()
    {
        Assert.Equal(WasiErrno.None, _guest.Write(1, "a"));
        Assert.Equal(WasiErrno.None, _guest.Write(2, "b"));
        Assert.Equal(WasiErrno.None, _guest.Write(1, "c"));
        Assert.Equal([GuestStream.Output, GuestStream.Error, GuestStream.Output], _guest.Output.Streams);
        Assert.Equal(("ac", "b"), (_guest.Output.Text(GuestStream.Output), _guest.Output.Text(GuestStream.Error)));
    }

    [Fact]
    public void Input_TakesWhatThereIs_HoweverMuchIsAskedFor()
    {
        _pipe.Write("hello"u8);
        var room = _guest.Reserve(32_000);
        var vectors = _guest.PutVectors([(room, 5), .. Enumerable.Repeat((room + 5, 31_000), 1000)]);

        Assert.Equal(WasiErrno.None, _guest.Call("fd_read", 0, vectors, 1001, WasiGuest.Result));

        Assert.Equal(5, _guest.Memory.ReadInt32(WasiGuest.Result));
    }

    [Fact]
    public void Output_WithABufferOutsideMemoryPrintsNothing()
    {
        var vectors = _guest.PutVectors((_guest.Put("good"u8), 4), (_guest.MemorySize - 1, 2));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("fd_write", 1, vectors, 2, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("fd_write", 1, vectors, 1, _guest.MemorySize - 3));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("fd_write", 1, vectors, -1, WasiGuest.Result));
        Assert.Empty(_guest.Output.Streams);
    }

    [Fact]
    public void Output_OfARunawayGuestEndsWhenItIsToldToStop()
    {
        _guest.Stop.Request();
        Assert.Throws<GuestStoppedException>(() => _guest.Write(1, "x"));
        Assert.Empty(_guest.Output.Streams);
    }

    [Fact]
    public void Output_CannotBeReadNorSought()
    {
        var vectors = _guest.PutVectors((_guest.Reserve(8), 8));
        Assert.NotEqual(WasiErrno.None, _guest.Call("fd_read", 1, vectors, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.ESPIPE, _guest.Seek(1, 0, Whence.Set, out _));
        Assert.Equal(WasiErrno.ESPIPE, _guest.Call("fd_tell", 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.ESPIPE, _guest.Call("fd_pwrite", 1, vectors, 1, 0L, WasiGuest.Result));
    }

    [Fact]
    public void Output_CountsAsATerminalSoThatLinesAreNotHeldBack()
    {
        var place = _guest.Reserve(24);
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_get", 1, place));
        Assert.Equal((byte)FileType.CharacterDevice, _guest.Memory.ReadByte(place));
        Assert.Equal(Rights.None, (Rights)_guest.Memory.ReadInt64(place + 8) & (Rights.Seek | Rights.Tell));
    }

    [Fact]
    public void Input_GivesWhatIsThereAndThenItsEnd()
    {
        _pipe.Write("typed"u8);
        Assert.Equal("ty", _guest.Read(0, 2));
        Assert.Equal("ped", _guest.Read(0));
        _pipe.Dispose();
        Assert.Equal("", _guest.Read(0));
    }

    [Fact]
    public void Input_WithoutBlockingSaysThatThereIsNothing()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_flags", 0, (int)FdFlags.NonBlock));
        Assert.Equal(WasiErrno.EAGAIN, _guest.Call("fd_read", 0, _guest.PutVectors((_guest.Reserve(8), 8)), 1, WasiGuest.Result));
    }

    [Theory]
    [InlineData((int)FdFlags.None)]
    [InlineData((int)FdFlags.NonBlock)]
    public void Input_OfNothingIsReadAtOnce(int flags)
    {
        Assert.Equal(WasiErrno.None, _guest.Call("fd_fdstat_set_flags", 0, flags));
        AssertNothingIsRead();
        _pipe.Write("typed"u8);
        AssertNothingIsRead();
        Assert.Equal("typed", _guest.Read(0));

        void AssertNothingIsRead()
        {
            var nothing = (_guest.Reserve(8), 0);
            foreach (var pieces in new[] { 0, 1, 3 })
            {
                _guest.Memory.WriteInt32(WasiGuest.Result, 12345);
                Assert.Equal(WasiErrno.None, _guest.Call("fd_read", 0, _guest.PutVectors(nothing, nothing, nothing), pieces, WasiGuest.Result));
                Assert.Equal(0, _guest.Memory.ReadInt32(WasiGuest.Result));
            }
        }
    }

    [Fact]
    public async Task Input_ThatNeverComesDoesNotHoldTheStopUp()
    {
        var stopping = Task.Run(_guest.Stop.Request);
        Assert.Throws<GuestStoppedException>(() => _guest.Read(0));
        await stopping;
    }

    [Fact]
    public void Input_OfTheHostIsNotClosedWithTheGuests()
    {
        Assert.Equal(WasiErrno.None, _guest.Close(0));
        Assert.False(_pipe.ClientSafePipeHandle.IsClosed);
        _pipe.Write("still open"u8);
    }

    [Fact]
    public void Input_IsEmptyUnlessOneIsGiven()
    {
        using var guest = new WasiGuest();
        Assert.Equal("", guest.Read(0));
        Assert.NotEqual(WasiErrno.None, guest.Write(0, "x"));
    }
}
