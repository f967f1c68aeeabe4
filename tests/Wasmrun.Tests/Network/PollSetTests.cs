using CsCheck;
using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

/// <summary>What is polled again and again stays with the kernel; none of that may be seen from outside.</summary>
public sealed class PollSetTests
{
    /// <summary>Times after which a set stays with the kernel, and more.</summary>
    public const int Often = 40;

    [Fact]
    public void SetThatIsPolledAgainAndAgain_ShowsWhatArrivesAndWhatIsGone()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        using var set = new PollSet(guest.Stop);
        var (one, other) = Pair(guest);
        for (var round = 0; round < 3 * Often; round++)
        {
            Assert.Equal([PollEvents.None], Poll(set, 0, (one, PollEvents.Read)));
            other.SendText("x");
            Assert.Equal([PollEvents.Read], Poll(set, -1, (one, PollEvents.Read)));
            Assert.Equal("x", one.ReceiveText());
        }

        other.Dispose();
        Assert.Equal([PollEvents.Read | PollEvents.HangUp], Poll(set, -1, (one, PollEvents.Read)));
    }

    [Fact]
    public void SocketUnderTheNumberOfAClosedOne_IsPolledInItsPlace()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        using var set = new PollSet(guest.Stop);
        for (var round = 0; round < 50; round++)
        {
            var (one, other) = Pair(guest);
            for (var i = 0; i < Often; i++)
            {
                Assert.Equal([PollEvents.None], Poll(set, 0, (one, PollEvents.Read)));
            }

            other.SendText("x");
            Assert.Equal([PollEvents.Read], Poll(set, -1, (one, PollEvents.Read)));
            one.Dispose();
            other.Dispose();
        }
    }

    [Fact]
    public void SameSocketTwice_IsPolledForBoth()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        using var set = new PollSet(guest.Stop);
        var (one, other) = Pair(guest);
        other.SendText("x");
        for (var round = 0; round < Often; round++)
        {
            Assert.Equal([PollEvents.Read, PollEvents.Write], Poll(set, -1, (one, PollEvents.Read), (one, PollEvents.Write)));
        }
    }

    /// <summary>With a peer on a processor of its own the waits soon begin with looking.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(60_000_000_000)]
    public async Task PeerThatAsksAnewAtOnce_IsHeardEachTime_AndAStopAfterIt(long timeout)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        using var set = new PollSet(guest.Stop);
        var (one, other) = Pair(guest);
        var asking = Task.Run(
            () =>
            {
                for (var round = 0; round < 100 * Often; round++)
                {
                    other.SendText("x");
                    Assert.Equal("y", other.ReceiveText());
                }
            },
            TestContext.Current.CancellationToken);
        for (var round = 0; round < 100 * Often; round++)
        {
            Assert.Equal([PollEvents.Read], Poll(set, timeout, (one, PollEvents.Read)));
            Assert.Equal("x", one.ReceiveText());
            one.SendText("y");
        }

        await asking;
        guest.Stop.Request();

        Assert.Throws<GuestStoppedException>(() => Poll(set, timeout, (one, PollEvents.Read)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_500_000)]
    [InlineData(3_000_000)]
    public void Timeout_IsWaitedForAndNotLonger(long nanoseconds)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        using var set = new PollSet(guest.Stop);
        var (one, _) = Pair(guest);
        for (var round = 0; round < Often; round++)
        {
            var begun = TimeProvider.System.GetTimestamp();
            Assert.Equal([PollEvents.None], Poll(set, nanoseconds, (one, PollEvents.Read)));
            Assert.True(TimeProvider.System.GetElapsedTime(begun).Ticks * 100 >= nanoseconds - 100);
        }
    }

    [Fact]
    public void WhatIsReady_DoesNotDependOnThePollsBefore() =>
        Gen.Int[0, 5].List[1, 60].Sample(
            steps =>
            {
                using var stack = new TestStack();
                using var guest = stack.Add("web").CreateNamespace();
                using var set = new PollSet(guest.Stop);
                var pairs = Enumerable.Range(0, 3).Select(_ => Pair(guest)).ToArray();
                foreach (var step in steps)
                {
                    switch (step)
                    {
                        case 0:
                            pairs[0].Other.SendText("x");
                            break;
                        case 1:
                            _ = pairs[0].One.TryReceive(out _);
                            break;
                        case 2:
                            pairs[1].One.Dispose();
                            pairs[1].Other.Dispose();
                            pairs[1] = Pair(guest);
                            break;
                        case 3:
                            Assert.Equal(Errno.None, pairs[2].Other.Shutdown(SocketDirections.Send));
                            break;
                        default:
                            for (var i = 0; i < Often; i++)
                            {
                                _ = Poll(set, 0, Sockets(pairs));
                            }

                            break;
                    }

                    using var fresh = new PollSet(guest.Stop);
                    Assert.Equal(Poll(fresh, 0, Sockets(pairs)), Poll(set, 0, Sockets(pairs)));
                }
            },
            iter: 200);

    private static (VirtualSocket One, VirtualSocket Other) Pair(NetworkNamespace guest)
    {
        Assert.Equal(Errno.None, guest.CreatePair(SocketKind.Stream, out var one, out var other));
        one!.NonBlocking = true;
        return (one, other!);
    }

    private static (VirtualSocket Socket, PollEvents Events)[] Sockets((VirtualSocket One, VirtualSocket Other)[] pairs) =>
        [.. pairs.Select(pair => (pair.One, PollEvents.Read))];

    private static PollEvents[] Poll(PollSet set, long timeout, params ReadOnlySpan<(VirtualSocket Socket, PollEvents Events)> polled)
    {
        set.Clear();
        foreach (var (socket, events) in polled)
        {
            _ = socket.AddTo(set, events);
        }

        Assert.Equal(Errno.None, set.Wait(timeout));
        var found = new PollEvents[polled.Length];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = set.Ready(i);
        }

        return found;
    }
}
