using CsCheck;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>A guest that asks the same again and again is answered as if it asked for the first time.</summary>
public sealed class RepeatedPollTests : IDisposable
{
    /// <summary>Times after which a question is known, and more.</summary>
    public const int Often = 40;

    private readonly SocketGuests _guests = new();

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public void WhatIsReady_IsToldInTheOrderOfTheGuestWithItsOwnData()
    {
        var (first, firstClient) = _guests.Connect();
        var (second, secondClient) = _guests.Connect();
        for (var round = 0ul; round < Often; round++)
        {
            Api.Send(secondClient, "x");
            Assert.Equal([Event(round + 1)], Web.PollOnce((round, SubscriptionType.Read, first), (round + 1, SubscriptionType.Read, second)));
            Api.Send(firstClient, "y");
            Assert.Equal([Event(round), Event(9)], Web.PollOnce((round, SubscriptionType.Read, first), (9, SubscriptionType.Read, second)));
            Assert.Equal("x", Web.Receive(second));
            Assert.Equal([Event(round)], Web.PollOnce((round, SubscriptionType.Read, first), (9, SubscriptionType.Read, second)));
            Assert.Equal("y", Web.Receive(first));
            Free();
        }
    }

    [Fact]
    public void WhatHappensInBetween_ChangesTheAnswerAsItDoesForOneWhoAsksAnew() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, Clients.Count - 1]).List[1, 40].Sample(
            steps =>
            {
                using var clients = new Clients();
                foreach (var (step, which) in steps)
                {
                    clients.Do(step, which);
                    clients.AssertAnswersAlike();
                }
            },
            iter: 50);

    private static byte[] Event(ulong userData) => SocketPollTests.Event(userData, SubscriptionType.Read);

    private void Free()
    {
        Web.Free();
        Api.Free();
    }

    /// <summary>A server that polls a few connections over and over, and their other ends.</summary>
    private sealed class Clients : IDisposable
    {
        public const int Count = 3;

        private const int StandardInput = 0;

        private readonly SocketGuests _guests = new();
        private readonly (int Web, int Api)[] _ends;
        private readonly int _always;

        public Clients()
        {
            _always = _guests.Connect().Web;
            _ends = [.. Enumerable.Range(0, Count).Select(_ => _guests.Connect())];
        }

        public void Dispose() => _guests.Dispose();

        public void Do(int step, int which)
        {
            var (web, api) = _ends[which];
            var next = (which + 1) % Count;
            switch (step)
            {
                case 0:
                    _guests.Api.Send(api, "x");
                    break;
                case 1:
                    _ = _guests.Web.TryReceive(web, out _);
                    break;
                case 2:
                    _guests.Web.Close(web);
                    break;
                case 3:
                    _guests.Web.Close(web);
                    _guests.Api.Close(api);
                    _ends[which] = _guests.Connect();
                    break;
                case 4:
                    _guests.Api.Call("sock_shutdown", api, 2);
                    break;
                case 5:
                    _guests.Api.Close(api);
                    break;
                case 6:
                    _guests.Web.Call("fd_renumber", web, _ends[next].Web);
                    break;
                case 7:
                    _guests.Web.Call("fd_renumber", web, StandardInput);
                    break;
                default:
                    _guests.Web.Call("fd_fdstat_set_rights", web, (long)(Rights.Read | Rights.Write), 0L);
                    break;
            }
        }

        public void AssertAnswersAlike()
        {
            (ulong, SubscriptionType, int)[] asked =
                [(9, SubscriptionType.Write, _always), .. _ends.Select((end, index) => ((ulong)index, SubscriptionType.Read, end.Web))];
            var answer = _guests.Web.PollOnce(asked);
            Assert.Equal(_guests.Web.Poll(asked), answer);

            // So that it is known at the next step.
            for (var i = 0; i < Often; i++)
            {
                Assert.Equal(answer, _guests.Web.PollOnce(asked));
            }

            _guests.Web.Free();
            _guests.Api.Free();
        }
    }
}
