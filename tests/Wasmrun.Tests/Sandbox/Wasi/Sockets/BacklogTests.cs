using System.Net.Sockets;
using Wasmrun.Sandbox.Wasi;
using Wasmtime;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>A guest that polls and receives while its client is far ahead of it.</summary>
public sealed class BacklogTests : IDisposable
{
    private const int Piece = 16 * 1024;

    /// <summary>Answers in a row that leave out what else is ready.</summary>
    private const int MostLate = 8;

    private readonly SocketGuests _guests = new();
    private readonly NetworkStream _client;
    private readonly int _connection;
    private readonly int _always;

    public BacklogTests()
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
        Assert.Equal([2], Answers());

        _client.Close();
        Assert.Equal([1, 2], Answers());
        Assert.Equal(0, Receive(function, received));
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

    /// <summary>Sends as much as the kernel takes, and tells how much that was.</summary>
    private int SendAhead()
    {
        var bytes = new byte[1 << 20];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = At(i);
        }

        _client.Socket.Blocking = false;
        return _client.Socket.Send(bytes);
    }

    private void PollOften() => Assert.All(Enumerable.Range(0, RepeatedPollTests.Often), _ => Assert.Equal([1, 2], Answers()));

    private byte[] Answers()
    {
        byte[] answers = [.. Web.PollOnce((1, SubscriptionType.Read, _connection), (2, SubscriptionType.Write, _always)).Select(answer => answer[0])];
        Web.Free();
        return answers;
    }

    private int Receive(string function, int position)
    {
        var buffer = Web.Reserve(Piece);
        ValueBox[] call = [_connection, Web.PutVectors((buffer, Piece)), 1, WasiGuest.Result];
        Assert.Equal(WasiErrno.None, Web.Call(function, function == "fd_read" ? call : [.. call[..3], 0, WasiGuest.Result, WasiGuest.Result + 4]));
        var count = Web.Memory.ReadInt32(WasiGuest.Result);
        Assert.Equal(Enumerable.Range(position, count).Select(At), Web.Bytes(buffer, count));
        Web.Free();
        return count;
    }
}
