using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi;

public sealed class ProcTests : IDisposable
{
    private readonly WasiGuest _guest = new();

    public void Dispose() => _guest.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-1)]
    public void Exit_EndsTheGuestWithItsCode(int code) => Assert.Equal(code, _guest.ExitCodeOf("proc_exit", code));

    [Theory]
    [InlineData(6, 134)]
    [InlineData(9, 137)]
    [InlineData(15, 143)]
    [InlineData(30, 158)]
    public void Raise_EndsTheGuestAsASignalDoes(int signal, int code) => Assert.Equal(code, _guest.ExitCodeOf("proc_raise", signal));

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(22)]
    [InlineData(27)]
    public void Raise_OfAHarmlessSignalGoesOn(int signal) => Assert.Equal(WasiErrno.None, _guest.Call("proc_raise", signal));

    [Theory]
    [InlineData(18)]
    [InlineData(21)]
    public void Raise_OfAPauseIsNotSupported(int signal) => Assert.Equal(WasiErrno.ENOTSUP, _guest.Call("proc_raise", signal));

    [Theory]
    [InlineData(31)]
    [InlineData(262)]
    [InlineData(-1)]
    public void Raise_OfNoSignalIsInvalid(int signal) => Assert.Equal(WasiErrno.EINVAL, _guest.Call("proc_raise", signal));

    [Fact]
    public void Yield_EndsWhenTheInstanceIsToldToStop()
    {
        Assert.Equal(WasiErrno.None, _guest.Call("sched_yield"));
        _guest.Stop.Request();
        Assert.Throws<GuestStoppedException>(() => _guest.Call("sched_yield"));
    }
}
