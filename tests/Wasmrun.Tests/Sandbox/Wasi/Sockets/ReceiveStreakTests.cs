using System.Net.Sockets;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>A guest that polls and receives large pieces, of a client that is far ahead of it and of one that is not.</summary>
public sealed class ReceiveStreakTests : IDisposable
{
    private const int Piece = 16 * 1024;

    /// <summary>Answers in a row that leave out what else is ready.</summary>
    private const int MostLate = 8;

    private const int NothingThere = -1;

    private readonly SocketGuests _guests = new();
    private readonly NetworkStream _client;
    private readonly int _connection;
    private readonly int _always;

    public ReceiveStreakTests()
    {
        var listener = Web.OpenDevice("tcp/listen/8080");
        _client = _guests.ConnectFromHost();
        _connection = Web.Accept(listener, nonBlocking: true);
        Web.Close(listener);
        _always = _guests.Connect().Web;
    }

    private WasiGuest Web => _guests.Web;

    public void Dispose()
    {
        _client.Dispose();
        _guests.Dispose();
    }

    [Theory]
    [InlineData("sock_recv")]
    [InlineData("fd_read")]
    public void AllThatWasSent_ComesInOrder_AndNothingElseIsForgotten(string function)
    {
        var sent = SendAhead();
        PollOften();

        var (received, alone, late, mostLate) = (0, 0, 0, 0);
        while (received < sent)
        {
            var answers = Answers();
            Assert.Equal(1, answers[0]);
            late = answers.Length == 1 ? late + 1 : 0;
            (alone, mostLate) = (alone + (answers.Length == 1 ? 1 : 0), Math.Max(mostLate, late));
            received += Receive(function, received);
        }

        Assert.True(alone > 0, "each poll asked the kernel");
        Assert.InRange(mostLate, 0, MostLate);
        if (Answers() is [1])
        {
            Assert.Equal(NothingThere, Receive(function, received));
        }

        Assert.Equal([2], Answers());

        _client.Close();
        Assert.Equal([1, 2], Answers());
        Assert.Equal(0, Receive(function, received));
    }

    [Theory]
    [InlineData(Piece)]
    [InlineData(2 * Piece)]
    public void GuessThatWasWrong_IsPutRightByTheNextPoll_AndNotMadeOftenAgain(int room)
    {
        var (connection, sender) = _guests.Connect();
        Send(sender);
        PollOften(connection);

        var wrong = 0;
        for (var round = 0; round < RepeatedPollTests.Often; round++)
        {
            Assert.Equal(Piece, Receive("sock_recv", 0, connection, room));
            if (Answers(connection) is [1])
            {
                wrong++;
                Assert.Equal(NothingThere, Receive("sock_recv", 0, connection, room));
                Assert.Equal([2], Answers(connection));
            }

            Send(sender);
            Assert.Equal([1, 2], Answers(connection));
        }

        Assert.InRange(wrong, 1, 5);
    }

    [Fact]
    public void ConnectionThatBlocks_IsReadyOnlyWhenItIs()
    {
        var (connection, sender) = _guests.Connect();
        Assert.Equal(WasiErrno.None, Web.SetNonBlocking(connection, on: false));
        for (var round = 0; round < RepeatedPollTests.Often; round++)
        {
            Send(sender);
            Assert.Equal([1, 2], Answers(connection));
            Assert.Equal(Piece, Receive("sock_recv", 0, connection));
            Assert.Equal([2], Answers(connection));
        }
    }

    [Fact]
    public void WhatIsReceivedOtherwise_IsNotThereForThePoll()
    {
        var left = SendAhead();
        PollOften();
        left -= Receive("sock_recv", 0) + Receive("sock_recv", Piece) + Receive("sock_recv", 2 * Piece);

        while (left > 0)
        {
            var (first, second) = (Web.Reserve(Piece), Web.Reserve(Piece));
            Assert.Equal(WasiErrno.None, Web.Call("sock_recv", _connection, Web.PutVectors((first, Piece), (second, Piece)), 2, 0, WasiGuest.Result, WasiGuest.Result + 4));
            left -= Web.Memory.ReadInt32(WasiGuest.Result);
            Web.Free();
        }

        Assert.Equal([2], Answers());
    }

    [Fact]
    public void NumberThatStandsForAnotherConnection_IsNotReady()
    {
        SendAhead();
        PollOften();
        Receive("sock_recv", 0);
        Receive("sock_recv", Piece);
        Receive("sock_recv", 2 * Piece);

        var (other, _) = _guests.Connect();
        Web.Call("fd_renumber", other, _connection);

        Assert.All(Enumerable.Range(0, RepeatedPollTests.Often), _ => Assert.Equal([2], Answers()));
    }

    private static byte At(int position) => (byte)(position % 251);

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(At)];

    /// <summary>Sends a piece from the other guest: it has arrived when this returns.</summary>
    private void Send(int sender)
    {
        var api = _guests.Api;
        Assert.Equal(WasiErrno.None, api.Call("sock_send", sender, api.PutVectors((api.Put(Bytes(Piece)), Piece)), 1, 0, WasiGuest.Result));
        Assert.Equal(Piece, api.Memory.ReadInt32(WasiGuest.Result));
        api.Free();
    }

    /// <summary>Sends as much as the kernel takes, and tells how much that was.</summary>
    private int SendAhead()
    {
        _client.Socket.Blocking = false;
        return _client.Socket.Send(Bytes(1 << 20));
    }

    private void PollOften(int? connection = null) => Assert.All(Enumerable.Range(0, RepeatedPollTests.Often), _ => Assert.Equal([1, 2], Answers(connection)));

    private byte[] Answers(int? connection = null)
    {
        byte[] answers = [.. Web.PollOnce((1, SubscriptionType.Read, connection ?? _connection), (2, SubscriptionType.Write, _always)).Select(answer => answer[0])];
        Web.Free();
        return answers;
    }

    private int Receive(string function, int position, int? connection = null, int room = Piece)
    {
        var buffer = Web.Reserve(room);
        ValueBox[] call = [connection ?? _connection, Web.PutVectors((buffer, room)), 1, WasiGuest.Result];
        var error = Web.Call(function, function == "fd_read" ? call : [.. call[..3], 0, WasiGuest.Result, WasiGuest.Result + 4]);
        if (error == WasiErrno.EAGAIN)
        {
            Web.Free();
            return NothingThere;
        }

        Assert.Equal(WasiErrno.None, error);
        var count = Web.Memory.ReadInt32(WasiGuest.Result);
        Assert.Equal(Enumerable.Range(position, count).Select(At), Web.Bytes(buffer, count));
        Web.Free();
        return count;
    }
}
