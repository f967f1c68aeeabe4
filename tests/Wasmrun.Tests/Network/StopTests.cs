using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Tests.Network;

public sealed class StopTests
{
    [Fact]
    public Task EndsABlockedAccept() => EndsAsync(guest =>
    {
        var listener = guest.Listen(3000);
        listener.NonBlocking = false;
        return () => listener.Accept(out _);
    });

    [Fact]
    public Task EndsABlockedReceive() => EndsAsync(guest =>
    {
        Assert.Equal(Errno.None, guest.CreatePair(SocketKind.Stream, out var one, out _));
        return () => one!.TryReceive(out _);
    });

    [Fact]
    public Task EndsABlockedSend() => EndsAsync(guest =>
    {
        Assert.Equal(Errno.None, guest.CreatePair(SocketKind.Stream, out var one, out _));
        return () =>
        {
            while (true)
            {
                one!.SendText(new('x', 4096));
            }
        };
    });

    [Fact]
    public Task EndsAPoll() => EndsAsync(guest =>
    {
        var set = new PollSet(guest.Stop);
        guest.Listen(3000).AddTo(set, PollEvents.Read);
        return () =>
        {
            using (set)
            {
                return set.Wait(-1);
            }
        };
    });

    [Fact]
    public Task EndsAPollOfWhatWasPolledManyTimes() => EndsAsync(guest =>
    {
        var set = new PollSet(guest.Stop);
        guest.Listen(3000).AddTo(set, PollEvents.Read);
        for (var i = 0; i < PollSetTests.Often; i++)
        {
            Assert.Equal(Errno.None, set.Wait(0));
        }

        return () =>
        {
            using (set)
            {
                return set.Wait(-1);
            }
        };
    });

    [Fact]
    public void EndsACallThatComesAfterIt()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(3000);
        listener.NonBlocking = false;

        guest.Stop.Request();

        Assert.Throws<GuestStoppedException>(() => listener.Accept(out _));
    }

    private static async Task EndsAsync(Func<NetworkNamespace, Func<Errno>> prepare)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var call = prepare(guest);
        using var started = new ManualResetEventSlim();
        var blocked = Task.Run(
            () =>
            {
                started.Set();
                return call();
            },
            TestContext.Current.CancellationToken);
        started.Wait(TestContext.Current.CancellationToken);
        Assert.False(blocked.IsCompleted);

        guest.Stop.Request();

        await Assert.ThrowsAsync<GuestStoppedException>(() => blocked);
    }
}
