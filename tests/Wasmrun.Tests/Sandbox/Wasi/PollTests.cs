using System.IO.Pipes;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

/// <summary>Waiting: for clocks that have come, for files, for streams, for all of them at once. No test waits for time to pass.</summary>
public sealed class PollTests : IDisposable
{
    private const int SubscriptionSize = 48;
    private const int EventSize = 32;

    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.Out);
    private readonly WasiGuest _guest;

    public PollTests() =>
        _guest = new(options => options with { StandardInput = (int)_pipe.ClientSafePipeHandle.DangerousGetHandle() });

    public void Dispose()
    {
        _guest.Dispose();
        _pipe.Dispose();
    }

    [Fact]
    public void Clock_ThatHasComeIsTold()
    {
        var events = Poll(Clock(7, 1, timeout: 0));
        Assert.Equal([7, 0, 0, 0, 0, 0, 0, 0, .. new byte[24]], Assert.Single(events));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Clock_AbsoluteCountsFromItsOwnBeginning(int clock)
    {
        Assert.Equal(WasiErrno.None, _guest.Call("clock_time_get", clock, 0L, 100));
        var now = _guest.Memory.ReadInt64(100);
        Assert.Single(Poll(Clock(1, clock, now, absolute: true)));
        Assert.Single(Poll(Clock(1, clock, 0, absolute: true)));
        var events = Poll(Clock(1, clock, now + 1, absolute: true), Clock(2, clock, now - 1, absolute: true));
        Assert.Equal(2, Assert.Single(events)[0]);
    }

    [Fact]
    public void Clock_OfTheFarFutureDoesNotOverflow()
    {
        var events = Poll(Clock(1, 1, timeout: -1), Clock(2, 0, -1, absolute: true), Clock(3, 1, timeout: 0));
        Assert.Equal(3, Assert.Single(events)[0]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(-1)]
    public void Clock_ThatNobodyCanWaitForIsAnErrorOfItsOwn(int clock)
    {
        var happened = Assert.Single(Poll(Clock(5, clock, timeout: 1_000_000_000_000)));
        Assert.Equal([5, 0, 0, 0, 0, 0, 0, 0, (byte)WasiErrno.EINVAL, 0, 0], happened[..11]);
    }

    [Fact]
    public void Descriptor_ThatIsBadIsAnErrorOfItsOwn()
    {
        var events = Poll(OnFd(1, 1, fd: 999), OnFd(2, 2, fd: 1), Clock(3, 1, timeout: 1_000_000_000_000));
        Assert.Equal(2, events.Count);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, (byte)WasiErrno.EBADF, 0, 1], events[0][..11]);
        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], events[1][..11]);
    }

    [Fact]
    public void Input_IsReadyWhenThereIsSomethingToRead()
    {
        Assert.Equal(9, Assert.Single(Poll(OnFd(1, 1, fd: 0), Clock(9, 1, timeout: 0)))[0]);
        _pipe.Write("hello"u8);
        var happened = Assert.Single(Poll(OnFd(1, 1, fd: 0), Clock(9, 1, timeout: 1_000_000_000_000)));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0], happened[..26]);
    }

    [Fact]
    public void Input_WhoseOtherSideIsGoneHangsUp()
    {
        _pipe.Dispose();
        var happened = Assert.Single(Poll(OnFd(1, 1, fd: 0)));
        Assert.Equal((1, 1), (happened[10], happened[24]));
    }

    [Fact]
    public void Input_ThatIsEmptyFromTheStartIsAtItsEnd()
    {
        using var guest = new WasiGuest();
        var subscription = guest.Put(OnFd(1, 1, fd: 0));
        var place = guest.Reserve(EventSize);
        Assert.Equal(WasiErrno.None, guest.Call("poll_oneoff", subscription, place, 1, WasiGuest.Result));
        Assert.Equal(1, guest.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal(1, guest.Memory.ReadByte(place + 24));
        Assert.Equal("", guest.Read(0));
    }

    [Fact]
    public void Output_IsAlwaysReady()
    {
        var events = Poll(OnFd(1, 2, fd: 1), OnFd(2, 2, fd: 2));
        Assert.Equal([1, 2], events.Select(happened => (int)happened[0]));
    }

    [Fact]
    public async Task Wait_EndsWhenTheInstanceIsToldToStop()
    {
        var stopping = Task.Run(_guest.Stop.Request);
        Assert.Throws<GuestStoppedException>(() => Poll(OnFd(1, 1, fd: 0)));
        await stopping;
        Assert.Throws<GuestStoppedException>(() => Poll(Clock(1, 1, timeout: 1_000_000_000_000)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65537)]
    [InlineData(-1)]
    public void Count_MustBeOneThatCanBe(int count) =>
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("poll_oneoff", 1024, 2048, count, WasiGuest.Result));

    [Fact]
    public void Subscription_OfNoKindIsInvalid()
    {
        var subscription = Clock(1, 1, timeout: 0);
        subscription[8] = 3;
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("poll_oneoff", _guest.Put(subscription), _guest.Reserve(EventSize), 1, WasiGuest.Result));
    }

    [Fact]
    public void Arrays_OutsideMemoryAreAFault()
    {
        var subscription = _guest.Put(Clock(1, 1, timeout: 0));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("poll_oneoff", _guest.MemorySize - 47, 1024, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("poll_oneoff", subscription, _guest.MemorySize - 31, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("poll_oneoff", subscription, 1024, 65536, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("poll_oneoff", subscription, 1024, 1, _guest.MemorySize - 3));
    }

    private static byte[] Clock(byte userData, int clock, long timeout, bool absolute = false)
    {
        var bytes = new byte[SubscriptionSize];
        bytes[0] = userData;
        BitConverter.TryWriteBytes(bytes.AsSpan(16), clock);
        BitConverter.TryWriteBytes(bytes.AsSpan(24), timeout);
        bytes[40] = absolute ? (byte)1 : (byte)0;
        return bytes;
    }

    private static byte[] OnFd(byte userData, byte type, int fd)
    {
        var bytes = new byte[SubscriptionSize];
        bytes[0] = userData;
        bytes[8] = type;
        BitConverter.TryWriteBytes(bytes.AsSpan(16), fd);
        return bytes;
    }

    /// <summary>The events of one call, as they lie in memory.</summary>
    private List<byte[]> Poll(params byte[][] subscriptions)
    {
        var address = _guest.Put([.. subscriptions.SelectMany(subscription => subscription)]);
        var events = _guest.Reserve(subscriptions.Length * EventSize);
        Assert.Equal(WasiErrno.None, _guest.Call("poll_oneoff", address, events, subscriptions.Length, WasiGuest.Result));
        var count = _guest.Memory.ReadInt32(WasiGuest.Result);
        return [.. _guest.Bytes(events, count * EventSize).Chunk(EventSize)];
    }
}
