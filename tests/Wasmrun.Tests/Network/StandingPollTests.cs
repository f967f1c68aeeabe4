using Wasmrun.Network.Kernel;

namespace Wasmrun.Tests.Network;

/// <summary>Where a set that is polled again and again is kept, and that its answers are the same there.</summary>
public sealed unsafe class StandingPollTests : IDisposable
{
    /// <summary>More waits than any decision takes.</summary>
    private const int Often = 5_000;

    private readonly StandingPoll _poll = new();
    private readonly List<int> _counters = [];

    public void Dispose()
    {
        _poll.Dispose();
        _counters.ForEach(counter => Libc.Close(counter));
    }

    [Fact]
    public void SetOfWhichOneIsReadyAtATime_GoesToTheKernel()
    {
        Add(3);
        Raise(1);

        Assert.True(IsWithKernelAfter(Often, ready: [1]));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(128)]
    public void SetOfWhichSeveralAreReady_IsLookedThrough(int members)
    {
        Add(members);
        Raise(3, 1);

        Assert.False(IsWithKernelAfter(Often, ready: [1, 3]));
    }

    [Fact]
    public void SetOfWhichMostAreIdle_GoesToTheKernelFromTimeToTime()
    {
        Add(200);
        Raise(199, 1);

        var (with, without) = (0, 0);
        for (var i = 0; i < 10 * Often; i++)
        {
            Expect(1, 199);
            _ = _poll.IsWithKernel ? with++ : without++;
        }

        Assert.InRange(without, with / 100, with / 50);
    }

    [Fact]
    public void SetThatBecomesBusy_IsTakenBack_AndGoesToTheKernelWhenItIsNot()
    {
        Add(8);
        Raise(5);
        Assert.True(IsWithKernelAfter(Often, ready: [5]));

        Raise(7, 6, 2, 0);
        Assert.False(IsWithKernelAfter(Often, ready: [0, 2, 5, 6, 7]));

        Lower(7, 6, 5, 0);
        Assert.True(IsWithKernelAfter(Often, ready: [2]));
    }

    [Fact]
    public void SetThatIsNoneForTheKernel_IsLookedThroughAlways()
    {
        Add(2);
        Raise(0);
        Libc.PollDescriptor[] members = [Member(_counters[0]), Member(_counters[1]), Member(_counters[0])];
        _ = _poll.Holds(members, 0);
        for (var i = 0; i < Often; i++)
        {
            Assert.True(_poll.Holds(members, 0));
            Assert.Equal([0, 2], _poll.Wait(mayLook: true).ToArray().Select(ready => ready.Index));
            Assert.False(_poll.IsWithKernel);
        }
    }

    [Fact]
    public void OtherSet_OrAClosedDescriptor_TakesItBack()
    {
        Add(2);
        Raise(0);
        Assert.True(IsWithKernelAfter(Often, ready: [0]));
        Assert.False(_poll.Holds(Members(), closings: 1));
        Assert.False(_poll.IsWithKernel);

        Assert.True(_poll.Holds(Members(), closings: 1));
        Assert.False(_poll.Holds(Members().AsSpan(0, 1), closings: 1));
    }

    private static Libc.PollDescriptor Member(int descriptor) => new() { Fd = descriptor, Requested = PollEvents.Read };

    private Libc.PollDescriptor[] Members() => [.. _counters.Select(Member)];

    private void Add(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _counters.Add(Libc.EventFd(0, Libc.EfdNonBlock | Libc.EfdCloseOnExec));
        }

        _ = _poll.Holds(Members(), 0);
    }

    private void Raise(params ReadOnlySpan<int> indices)
    {
        foreach (var index in indices)
        {
            var one = 1ul;
            Assert.Equal(sizeof(ulong), Libc.Write(_counters[index], &one, sizeof(ulong)));
        }
    }

    private void Lower(params ReadOnlySpan<int> indices)
    {
        foreach (var index in indices)
        {
            var value = 0ul;
            Assert.Equal(sizeof(ulong), Libc.Read(_counters[index], &value, sizeof(ulong)));
        }
    }

    private bool IsWithKernelAfter(int waits, params int[] ready)
    {
        for (var i = 0; i < waits; i++)
        {
            Expect(ready);
        }

        return _poll.IsWithKernel;
    }

    private void Expect(params ReadOnlySpan<int> ready)
    {
        var found = _poll.Wait(mayLook: true);
        Assert.Equal(ready.Length, found.Length);
        for (var i = 0; i < ready.Length; i++)
        {
            Assert.Equal(new ReadyMember(ready[i], PollEvents.Read), found[i]);
        }
    }
}
