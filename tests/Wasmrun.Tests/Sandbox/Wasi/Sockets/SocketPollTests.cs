using System.Buffers.Binary;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Readiness of sockets, to the byte of the event.</summary>
public sealed class SocketPollTests : IDisposable
{
    private const ushort HangUp = 1;

    private readonly SocketGuests _guests = new();

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public void Poll_TellsHowManyBytesWaitWhenAskedOfOneSocket()
    {
        var (server, client) = _guests.Connect();
        Assert.Empty(Web.Poll((7, SubscriptionType.Read, server)));

        Api.Send(client, "hello");

        Assert.Equal([Event(7, SubscriptionType.Read, bytes: 5)], Web.Poll((7, SubscriptionType.Read, server)));
    }

    [Fact]
    public void Poll_AnswersEverySubscriptionOfASocketInOrder()
    {
        var (server, client) = _guests.Connect();
        Api.Send(client, "x");

        var events = Web.Poll((1, SubscriptionType.Write, server), (2, SubscriptionType.Read, server), (3, SubscriptionType.Read, server));

        Assert.Equal([Event(1, SubscriptionType.Write), Event(2, SubscriptionType.Read), Event(3, SubscriptionType.Read)], events);
    }

    [Fact]
    public void Poll_OfAListenerSeesClientsOfEveryKind()
    {
        var listener = Web.OpenDevice("tcp/listen/8080", nonBlocking: true);
        Assert.Empty(Web.Poll((1, SubscriptionType.Read, listener), (2, SubscriptionType.Write, listener)));

        AssertClient(() => Api.OpenDevice("tcp/connect/web/8080"));
        AssertClient(() => Web.OpenDevice("tcp/connect/localhost/8080"));
        AssertClient(() => _guests.ConnectFromHost());

        void AssertClient(Action connect)
        {
            connect();
            Assert.Equal([Event(1, SubscriptionType.Read)], Web.Poll((1, SubscriptionType.Read, listener)));
            Web.Accept(listener);
            Assert.Empty(Web.Poll((1, SubscriptionType.Read, listener)));
        }
    }

    [Fact]
    public void Poll_TellsTheEndOfAStreamAsReadable()
    {
        var (server, client) = _guests.Connect();
        Api.Call("sock_shutdown", client, 2);

        Assert.Equal([Event(1, SubscriptionType.Read, bytes: 0)], Web.Poll((1, SubscriptionType.Read, server)));
        Assert.Equal("", Web.Receive(server));
    }

    [Fact]
    public void Poll_TellsThatTheOtherSideHungUp()
    {
        var (server, client) = _guests.Connect();
        Api.Close(client);

        var events = Web.Poll((1, SubscriptionType.Read, server), (2, SubscriptionType.Write, server));

        Assert.Equal([Event(1, SubscriptionType.Read, flags: HangUp), Event(2, SubscriptionType.Write, flags: HangUp)], events);
    }

    [Fact]
    public void Poll_AnswersForASocketThatCannotWait()
    {
        var unconnected = Web.OpenDevice("tcp/new");

        Assert.Equal([Event(1, SubscriptionType.Write, flags: HangUp)], Web.Poll((1, SubscriptionType.Write, unconnected)));
        Assert.Equal([Event(2, SubscriptionType.Read, bytes: 0, flags: HangUp)], Web.Poll((2, SubscriptionType.Read, unconnected)));
    }

    [Fact]
    public void Poll_TellsABadDescriptorBesideTheGoodOnes()
    {
        var (server, client) = _guests.Connect();
        Api.Send(client, "x");

        var events = Web.Poll((1, SubscriptionType.Read, 99), (2, SubscriptionType.Read, server));

        Assert.Equal([Event(1, SubscriptionType.Read, bytes: 0, error: WasiErrno.EBADF), Event(2, SubscriptionType.Read)], events);
    }

    [Fact]
    public void Poll_AnswersOnlyWhatIsReadyOfMany()
    {
        var connections = Enumerable.Range(0, 8).Select(_ => _guests.Connect()).ToList();
        Api.Send(connections[2].Api, "x");
        Api.Send(connections[5].Api, "y");

        var events = Web.Poll([.. connections.Select((connection, index) => ((ulong)index, SubscriptionType.Read, connection.Web))]);

        Assert.Equal([Event(2, SubscriptionType.Read), Event(5, SubscriptionType.Read)], events);
    }

    internal static byte[] Event(ulong userData, SubscriptionType type, ulong bytes = 1, ushort flags = 0, WasiErrno error = WasiErrno.None)
    {
        var expected = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(expected, userData);
        BinaryPrimitives.WriteUInt16LittleEndian(expected.AsSpan(8), (ushort)error);
        expected[10] = (byte)type;
        BinaryPrimitives.WriteUInt64LittleEndian(expected.AsSpan(16), bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(expected.AsSpan(24), flags);
        return expected;
    }
}
