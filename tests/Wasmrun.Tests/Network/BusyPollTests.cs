using System.Diagnostics;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>When a wait begins with looking instead of sleeping.</summary>
public sealed unsafe class BusyPollTests
{
    /// <summary>More waits than any decision takes.</summary>
    private const int Often = 5_000;

    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(1);

    private BusyPoll _poll;

    [Fact]
    public void BriefSleepsInARow_TurnItOn_AndOneThatIsLongBeginsAnew()
    {
        for (var i = 0; i < 100; i++)
        {
            Sleep(7, 60);
            Assert.False(_poll.IsOn);
            _poll.Note(1, Long);
        }

        Sleep(8, 60);
        Assert.True(_poll.IsOn);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void SleepsThatEndWithNoneOrSeveral_LeaveItOff(int ready)
    {
        for (var i = 0; i < Often; i++)
        {
            _poll.Note(ready, TimeSpan.FromMicroseconds(60));
            Assert.False(_poll.IsOn);
        }
    }

    [Theory]
    [InlineData(60, 20)]
    [InlineData(20, 17)]
    public void WaitsThatAreShorter_KeepItOn_AndTheSleepsAreTriedAgainNowAndThen(int asleep, int awake)
    {
        var looks = Looks(asleep, awake);

        Assert.InRange(looks, Often * 0.98, Often - 1);
    }

    [Fact]
    public void FewLongWaitsAmongShortOnes_LeaveItOn()
    {
        Sleep(8, 60);
        for (var i = 0; i < 512; i++)
        {
            Assert.True(_poll.IsOn);
            _poll.Note(1, i % 16 == 0 ? Long : TimeSpan.FromMicroseconds(20));
        }
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(5, 14)]
    [InlineData(20, 19)]
    [InlineData(60, 110)]
    public void WaitsThatAreNoShorter_TurnItOff_ForLongerEachTime(int asleep, int awake)
    {
        _ = Looks(asleep, awake);

        Assert.InRange(Looks(asleep, awake), 1, Often / 50);
    }

    [Fact]
    public void OneLongSleepAmongTheTrials_DoesNotMakeLookingSeemBetter()
    {
        for (var i = 0; i < Often; i++)
        {
            _poll.Note(1, TimeSpan.FromMicroseconds(_poll.IsOn || i % 4 != 0 ? 6 : 190));
        }

        Assert.InRange(Looks(asleep: 6, awake: 6), 0, Often / 50);
    }

    [Fact]
    public void ClientThatHasGone_TurnsItOff()
    {
        Sleep(8, 60);
        for (var i = 0; i < 16; i++)
        {
            Assert.True(_poll.IsOn);
            _poll.Note(0, Long);
        }

        Assert.False(_poll.IsOn);
    }

    [Fact]
    public void Places_AreForHalfOfTheProcessors_AndALookIsShort()
    {
        var places = Math.Max(1, Environment.ProcessorCount / 2);
        var taken = 0;
        while (taken <= places && BusyPoll.TryTakePlace())
        {
            taken++;
        }

        for (var i = 0; i < taken; i++)
        {
            BusyPoll.LeavePlace();
        }

        Assert.InRange(taken, 0, places);
        Assert.False(BusyPoll.GoesOn(Stopwatch.GetTimestamp() - (Stopwatch.Frequency / 10_000)));
    }

    [Fact]
    public void InstanceThatMovesMuchOrIsRationed_SleepsAtOnce()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var pace = guest.Stop.Pace;
        Assert.True(pace.MayLook());
        Assert.Equal(Errno.None, guest.CreatePair(SocketKind.Stream, out var one, out var other));

        one!.SendText("small");
        _ = other!.ReceiveText();
        Assert.True(pace.MayLook());

        one!.SendText(new('x', Pace.LeastBulk));
        fixed (byte* buffer = new byte[Pace.LeastBulk])
        {
            Assert.Equal(Errno.None, other!.Receive([new((nint)buffer, Pace.LeastBulk)], ReceiveFlags.None, out var received, out _));
            Assert.Equal((nuint)Pace.LeastBulk, received);
        }

        for (var i = 0; i < 64; i++)
        {
            Assert.False(pace.MayLook());
        }

        Assert.True(pace.MayLook());
        pace.IsRationed = true;
        Assert.False(pace.MayLook());
    }

    private void Sleep(int times, int microseconds)
    {
        for (var i = 0; i < times; i++)
        {
            _poll.Note(1, TimeSpan.FromMicroseconds(microseconds));
        }
    }

    /// <summary>How many of many waits look, where both ways take always the same time.</summary>
    private int Looks(int asleep, int awake)
    {
        var looks = 0;
        for (var i = 0; i < Often; i++)
        {
            looks += _poll.IsOn ? 1 : 0;
            _poll.Note(1, TimeSpan.FromMicroseconds(_poll.IsOn ? awake : asleep));
        }

        return looks;
    }
}
