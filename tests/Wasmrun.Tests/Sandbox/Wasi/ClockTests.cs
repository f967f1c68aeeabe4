using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class ClockTests : IDisposable
{
    private readonly WasiGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Realtime_IsNanosecondsSince1970()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("clock_time_get", 0, 0L, 100));
        Assert.Equal(1_767_323_045_000_000_000, _guest.Memory.ReadInt64(100));
    }

    [Fact]
    public void Monotonic_AdvancesWithTheTime()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("clock_time_get", 1, 0L, 100));
        _guest.Time.Advance(TimeSpan.FromMilliseconds(1500));
        Assert.Equal(WasiErrno.None, _guest.Call("clock_time_get", 1, 0L, 108));
        Assert.Equal(1_500_000_000, _guest.Memory.ReadInt64(108) - _guest.Memory.ReadInt64(100));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void ProcessorTime_GoesOnWhileTheThreadWorks(int clock)
    {
        Assert.Equal(WasiErrno.None, _guest.Call("clock_time_get", clock, 0L, 100));
        Assert.Equal(WasiErrno.None, _guest.Call("random_get", 1024, 65536));
        Assert.Equal(WasiErrno.None, _guest.Call("clock_time_get", clock, 0L, 108));
        Assert.True(_guest.Memory.ReadInt64(108) > _guest.Memory.ReadInt64(100));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 100)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public void Resolution_IsWhatTheClockCanTell(int clock, long nanoseconds)
    {
        Assert.Equal(WasiErrno.None, _guest.Call("clock_res_get", clock, 100));
        Assert.Equal(nanoseconds, _guest.Memory.ReadInt64(100));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    public void UnknownClock_IsInvalid(int clock)
    {
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("clock_time_get", clock, 0L, 100));
        Assert.Equal(WasiErrno.EINVAL, _guest.Call("clock_res_get", clock, 100));
    }

    [Theory]
    [InlineData(-7)]
    [InlineData(0)]
    public void Result_OutsideMemoryIsAFault(int fromEnd)
    {
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("clock_time_get", 0, 0L, _guest.MemorySize + fromEnd));
        Assert.Equal(WasiErrno.EFAULT, _guest.Call("clock_res_get", 0, _guest.MemorySize + fromEnd));
    }
}
