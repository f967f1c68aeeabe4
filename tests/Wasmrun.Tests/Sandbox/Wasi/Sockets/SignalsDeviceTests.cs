using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>The device by which a guest hears that it is to end.</summary>
public sealed class SignalsDeviceTests : IDisposable
{
    private readonly SocketGuests _guests = new();

    private WasiGuest Web => _guests.Web;

    private TerminationSignal Termination => _guests.WebNetwork.Stop.Termination;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public void GuestThatNeverOpensIt_IsNotTold()
    {
        Assert.False(Termination.IsListening);
        Assert.False(Termination.Request());

        Web.OpenDevice("signals");

        Assert.True(Termination.IsListening);
        Assert.False(Termination.TryTake());
    }

    [Fact]
    public void Request_IsReadOnceHoweverOftenItIsMade()
    {
        var signals = Web.OpenDevice("signals", nonBlocking: true);
        Assert.Equal(WasiErrno.EAGAIN, TryRead(signals, 16));

        Assert.True(Termination.Request());
        Assert.True(Termination.Request());

        Assert.Equal("TERM\n", Web.Read(signals));
        Assert.Equal(WasiErrno.EAGAIN, TryRead(signals, 16));
    }

    [Fact]
    public void Request_WakesAPollBesideSockets()
    {
        var listener = Web.OpenDevice("tcp/listen/8080");
        var signals = Web.OpenDevice("signals");

        Termination.Request();

        Assert.Equal(2, Assert.Single(Web.Poll((1, SubscriptionType.Read, listener), (2, SubscriptionType.Read, signals)))[0]);
    }

    [Fact]
    public void Request_IsToldToAServerThatAsksTheSameAgainAndAgain()
    {
        var signals = Web.OpenDevice("signals", nonBlocking: true);
        var (stream, _) = _guests.Connect();
        Assert.All(Enumerable.Range(0, RepeatedPollTests.Often), _ => Assert.Equal([2], Answers()));

        Termination.Request();

        Assert.Equal([1, 2], Answers());
        Assert.Equal("TERM\n", Web.Read(signals));
        Assert.Equal([2], Answers());

        byte[] Answers() => [.. Web.PollOnce((1, SubscriptionType.Read, signals), (2, SubscriptionType.Write, stream)).Select(answer => answer[0])];
    }

    [Fact]
    public async Task Read_WaitsForTheRequest()
    {
        var signals = Web.OpenDevice("signals");
        var reading = Task.Run(() => TryRead(signals, 16));

        Termination.Request();

        Assert.Equal(WasiErrno.None, await reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Read_IntoTooLittleRoomLosesNothing()
    {
        var signals = Web.OpenDevice("signals", nonBlocking: true);
        Termination.Request();

        Assert.Equal(WasiErrno.EINVAL, TryRead(signals, 4));
        Assert.Equal(WasiErrno.None, TryRead(signals, 5));
    }

    [Fact]
    public void Write_IsRefused() => Assert.NotEqual(WasiErrno.None, Web.Send(Web.OpenDevice("signals"), "TERM"));

    private WasiErrno TryRead(int fd, int length) =>
        Web.Call("fd_read", fd, Web.PutVectors((Web.Reserve(length), length)), 1, WasiGuest.Result);
}
