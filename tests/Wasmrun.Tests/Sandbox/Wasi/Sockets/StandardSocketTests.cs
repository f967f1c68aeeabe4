using System.Buffers.Binary;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>The socket calls of preview 1, to the byte.</summary>
public sealed class StandardSocketTests : IDisposable
{
    private const int Peek = 1;
    private const int WaitAll = 2;
    private const int FarAway = 0x7fff_fff0;

    private readonly SocketGuests _guests = new();

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public void Accept_GivesADescriptorOfAStreamSocket()
    {
        var listener = Web.OpenDevice("tcp/listen/8080");
        Api.OpenDevice("tcp/connect/web/8080");

        var fd = Web.Accept(listener);

        var status = Web.Reserve(24);
        Assert.Equal(WasiErrno.None, Web.Call("fd_fdstat_get", fd, status));
        var expected = new byte[24];
        expected[0] = (byte)FileType.StreamSocket;
        BinaryPrimitives.WriteUInt64LittleEndian(expected.AsSpan(8), (ulong)Rights.Socket);
        BinaryPrimitives.WriteUInt64LittleEndian(expected.AsSpan(16), (ulong)Rights.Socket);
        Assert.Equal(expected, Web.Bytes(status, 24));
    }

    [Fact]
    public void Accept_WithTheFlagGivesADescriptorThatDoesNotBlock()
    {
        var listener = Web.OpenDevice("tcp/listen/8080");
        Api.OpenDevice("tcp/connect/web/8080");

        var fd = Web.Accept(listener, nonBlocking: true);

        var status = Web.Reserve(24);
        Assert.Equal(WasiErrno.None, Web.Call("fd_fdstat_get", fd, status));
        Assert.Equal((short)FdFlags.NonBlock, Web.Memory.ReadInt16(status + 2));
        Assert.Equal(WasiErrno.EAGAIN, Web.TryReceive(fd, out _));
    }

    [Fact]
    public void Accept_WithoutAClientDoesNotWaitWhenItMustNot()
    {
        var listener = Web.OpenDevice("tcp/listen/8080", nonBlocking: true);
        Web.Memory.WriteInt32(WasiGuest.Result, 12345);

        Assert.Equal(WasiErrno.EAGAIN, Web.TryAccept(listener, out var untouched));

        Assert.Equal(12345, untouched);
    }

    [Fact]
    public void Accept_OfABadCallLeavesTheClientInTheQueue()
    {
        var listener = Web.OpenDevice("tcp/listen/8080", nonBlocking: true);
        Api.OpenDevice("tcp/connect/web/8080");

        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_accept", listener, 0, FarAway));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_accept", listener, 32, WasiGuest.Result));

        Web.Accept(listener);
    }

    [Fact]
    public void Accept_WithoutRoomForADescriptorLeavesTheClientInTheQueue()
    {
        using var guests = new SocketGuests(descriptorLimit: 8);
        var listener = guests.Web.OpenDevice("tcp/listen/8080", nonBlocking: true);
        var filler = guests.Web.OpenDevice("tcp/new");
        while (guests.Web.TryOpenDevice("tcp/new", out _) == WasiErrno.None)
        {
        }

        guests.Api.OpenDevice("tcp/connect/web/8080");

        Assert.Equal(WasiErrno.EMFILE, guests.Web.TryAccept(listener, out _));

        guests.Web.Close(filler);
        Assert.Equal(filler, guests.Web.Accept(listener));
    }

    [Fact]
    public void Accept_NeedsASocketThatListens()
    {
        var (server, _) = _guests.Connect();

        Assert.Equal(WasiErrno.EINVAL, Web.TryAccept(server, out _));
        Assert.Equal(WasiErrno.EINVAL, Web.TryAccept(Web.OpenDevice("tcp/new"), out _));
        Assert.Equal(WasiErrno.ENOTSUP, Web.TryAccept(Web.OpenDevice("udp/new"), out _));
        Assert.Equal(WasiErrno.ENOTSOCK, Web.TryAccept(SocketCalls.Net, out _));
        Assert.Equal(WasiErrno.ENOTSOCK, Web.TryAccept(0, out _));
        Assert.Equal(WasiErrno.EBADF, Web.TryAccept(99, out _));
        Assert.Equal(WasiErrno.EBADF, Web.TryAccept(-1, out _));
    }

    [Fact]
    public void Receive_FillsTheBuffersInOrderAndNothingElse()
    {
        var (server, client) = _guests.Connect();
        Assert.Equal(WasiErrno.None, Api.Send(client, "hello world"));
        var buffer = Web.Put("................"u8);
        var vectors = Web.PutVectors((buffer + 1, 3), (buffer + 4, 0), (buffer + 6, 4));
        Web.Memory.WriteInt64(WasiGuest.Result, -1);

        Assert.Equal(WasiErrno.None, Web.Call("sock_recv", server, vectors, 3, 0, WasiGuest.Result, WasiGuest.Result + 4));

        Assert.Equal(".hel..lo w......", Web.Text(buffer, 16));
        Assert.Equal([7, 0, 0, 0, 0, 0, 0xff, 0xff], Web.Bytes(WasiGuest.Result, 8));
        Assert.Equal("orld", Web.Receive(server));
    }

    [Fact]
    public void Receive_PeeksWithoutTaking()
    {
        var (server, client) = _guests.Connect();
        Api.Send(client, "hello");

        Assert.Equal("hello", Web.Receive(server, Peek));
        Assert.Equal("he", Web.Receive(server, Peek, length: 2));
        Assert.Equal("hello", Web.Receive(server));
        Assert.Equal(WasiErrno.EAGAIN, Web.TryReceive(server, out _, Peek));
    }

    [Fact]
    public void Receive_WaitsForAllUntilTheEnd()
    {
        var (server, client) = _guests.Connect();
        Web.SetNonBlocking(server, on: false);
        Api.Send(client, "hel");
        Api.Send(client, "lo");
        Api.Close(client);

        Assert.Equal("hell", Web.Receive(server, WaitAll, length: 4));
        Assert.Equal("o", Web.Receive(server, WaitAll, length: 4));
        Assert.Equal("", Web.Receive(server, WaitAll, length: 4));
    }

    /// <summary>As on Linux, in whatever state the socket is; a receive of nothing waits.</summary>
    [Fact]
    public void Read_OfNothingNeverWaitsNorTakesAnything()
    {
        var (server, client) = _guests.Connect();
        Web.SetNonBlocking(server, on: false);
        var datagrams = Web.OpenDevice("udp/bind/9000");
        var sockets = new[] { server, Web.OpenDevice($"ctl/{Web.Inode(server)}/peek"), datagrams, Web.OpenDevice("udp/new"), Web.OpenDevice("tcp/new"), Web.OpenDevice("tcp/listen/8081") };

        Assert.All(sockets, ReadNothing);
        Assert.Equal(WasiErrno.None, Api.Send(client, "bytes"));
        Assert.Equal(WasiErrno.None, Api.Write(Api.OpenDevice("udp/connect/web/9000"), "datagram"));
        Assert.All(sockets, ReadNothing);

        Assert.Equal("bytes", Web.Read(server));
        Assert.Equal("datagram", Web.Read(datagrams));
        Web.SetNonBlocking(server);
        Assert.Equal(WasiErrno.EAGAIN, Web.TryReceive(server, out _, length: 0));
        Api.Close(client);
        ReadNothing(server);

        void ReadNothing(int fd)
        {
            foreach (var pieces in new[] { 0, 1, 2 })
            {
                var nothing = (Web.Reserve(8), 0);
                Web.Memory.WriteInt32(WasiGuest.Result, 12345);
                Assert.Equal(WasiErrno.None, Web.Call("fd_read", fd, Web.PutVectors(nothing, nothing), pieces, WasiGuest.Result));
                Assert.Equal(0, Web.Memory.ReadInt32(WasiGuest.Result));
            }
        }
    }

    [Fact]
    public void Receive_RefusesWhatItDoesNotKnow()
    {
        var (server, client) = _guests.Connect();
        Api.Send(client, "x");
        var vectors = Web.PutVectors((Web.Reserve(8), 8));

        Assert.Equal(WasiErrno.EINVAL, Web.TryReceive(server, out _, flags: 4));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_recv", server, vectors, 1, 0, FarAway, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_recv", server, vectors, 1, 0, WasiGuest.Result, FarAway));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_recv", server, FarAway, 1, 0, WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_recv", server, Web.PutVectors((Web.MemorySize - 4, 5)), 1, 0, WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal(WasiErrno.ENOTSOCK, Web.TryReceive(0, out _));
        Assert.Equal(WasiErrno.EBADF, Web.TryReceive(99, out _));
        Assert.Equal(WasiErrno.ENOTCONN, Web.TryReceive(Web.OpenDevice("tcp/new"), out _));

        Assert.Equal("x", Web.Receive(server));
    }

    [Fact]
    public void Send_GathersTheBuffersInOrder()
    {
        var (server, client) = _guests.Connect();
        var text = Api.Put("world hello "u8);

        Assert.Equal(WasiErrno.None, Api.Call("sock_send", client, Api.PutVectors((text + 6, 6), (text, 0), (text, 5)), 3, 0, WasiGuest.Result));

        Assert.Equal(11, Api.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal("hello world", Web.Receive(server));
    }

    [Fact]
    public void Send_TakesWhatTheBuffersHoldWithoutBlocking()
    {
        var (server, client) = _guests.Connect();
        var buffer = Api.Reserve(65536);
        var vectors = Api.PutVectors((buffer, 65536));
        long sent = 0;
        WasiErrno error;
        while ((error = Api.Call("sock_send", client, vectors, 1, 0, WasiGuest.Result)) == WasiErrno.None)
        {
            sent += Api.Memory.ReadInt32(WasiGuest.Result);
        }

        Assert.Equal(WasiErrno.EAGAIN, error);
        Api.Close(client);
        long received = 0;
        for (int count; (count = Web.Receive(server, length: 65536).Length) > 0; Web.Free())
        {
            received += count;
        }

        Assert.Equal(sent, received);
    }

    [Fact]
    public void Send_RefusesWhatItCannotDo()
    {
        var (server, client) = _guests.Connect();
        var vectors = Web.PutVectors((Web.Reserve(8), 8));

        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_send", server, vectors, 1, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_send", server, vectors, 1, 0, FarAway));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_send", server, Web.PutVectors((Web.MemorySize, 1)), 1, 0, WasiGuest.Result));
        Assert.Equal(WasiErrno.ENOTSOCK, Web.Send(1, "x"));
        Assert.Equal(WasiErrno.EPIPE, Web.Send(Web.OpenDevice("tcp/new"), "x"));
        Assert.Equal(WasiErrno.EAGAIN, Api.TryReceive(client, out _));

        Api.Close(client);
        Assert.Equal(WasiErrno.EPIPE, Web.Send(server, "x"));
    }

    [Fact]
    public void Shutdown_OfSendingEndsTheOthersReading()
    {
        var (server, client) = _guests.Connect();
        Web.Send(server, "last words");

        Assert.Equal(WasiErrno.None, Web.Call("sock_shutdown", server, 2));

        Assert.Equal("last words", Api.Receive(client));
        Assert.Equal("", Api.Receive(client));
        Assert.Equal(WasiErrno.EPIPE, Web.Send(server, "more"));
        Assert.Equal(WasiErrno.None, Api.Send(client, "still heard"));
        Assert.Equal("still heard", Web.Receive(server));
    }

    [Fact]
    public void Shutdown_OfReceivingEndsTheOwnReading()
    {
        var (server, client) = _guests.Connect();

        Assert.Equal(WasiErrno.None, Web.Call("sock_shutdown", server, 1));

        Assert.Equal("", Web.Receive(server));
        Assert.Equal(WasiErrno.None, Web.Send(server, "still said"));
        Assert.Equal("still said", Api.Receive(client));
    }

    [Fact]
    public void Shutdown_RefusesWhatIsNoDirectionOrNoConnection()
    {
        var (server, _) = _guests.Connect();

        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_shutdown", server, 0));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_shutdown", server, 4));
        Assert.Equal(WasiErrno.ENOTCONN, Web.Call("sock_shutdown", Web.OpenDevice("tcp/new"), 3));
        Assert.Equal(WasiErrno.ENOTSOCK, Web.Call("sock_shutdown", 0, 3));
        Assert.Equal(WasiErrno.EBADF, Web.Call("sock_shutdown", 99, 3));
    }

    [Fact]
    public void ReadAndWrite_AreReceiveAndSend()
    {
        var (server, client) = _guests.Connect();

        Assert.Equal(WasiErrno.None, Api.Write(client, "hello"));
        Assert.Equal("hel", Web.Read(server, 3));
        Assert.Equal("lo", Web.Read(server));

        Api.Close(client);
        Assert.Equal("", Web.Read(server));
    }

    [Fact]
    public void Position_IsNothingThatASocketHas()
    {
        var (server, _) = _guests.Connect();
        var vectors = Web.PutVectors((Web.Reserve(8), 8));

        Assert.Equal(WasiErrno.ESPIPE, Web.Seek(server, 0, Whence.Current, out _));
        Assert.Equal(WasiErrno.ESPIPE, Web.Call("fd_pread", server, vectors, 1, 0L, WasiGuest.Result));
        Assert.Equal(WasiErrno.ESPIPE, Web.Call("fd_pwrite", server, vectors, 1, 0L, WasiGuest.Result));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("fd_filestat_set_size", server, 1L));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("fd_sync", server));
    }

    [Fact]
    public void Status_TellsTheKindAndAnInodeOfItsOwn()
    {
        var (first, _) = _guests.Connect();
        var (second, _) = _guests.Connect();
        var datagrams = Web.OpenDevice("udp/new");

        Assert.Equal(FileType.StreamSocket, Web.Status(first).Type);
        Assert.Equal(FileType.DatagramSocket, Web.Status(datagrams).Type);
        Assert.Distinct([Web.Inode(first), Web.Inode(second), Web.Inode(datagrams)]);
        Assert.All([first, second, datagrams], fd => Assert.NotEqual(0UL, Web.Inode(fd)));
    }

    [Fact]
    public void Close_EndsTheConnectionAndFreesTheNumber()
    {
        var (server, client) = _guests.Connect();
        Web.OpenDevice("tcp/new");

        Assert.Equal(WasiErrno.None, Web.Close(server));

        Assert.Equal("", Api.Receive(client));
        Assert.Equal(WasiErrno.EBADF, Web.Close(server));
        Assert.Equal(server, Web.OpenDevice("tcp/new"));
    }

    [Fact]
    public void Renumber_TakesTheSocketAlong()
    {
        var (server, client) = _guests.Connect();
        var inode = Web.Inode(server);

        Assert.Equal(WasiErrno.None, Web.Call("fd_renumber", server, 0));

        Assert.Equal(inode, Web.Inode(0));
        Api.Send(client, "hello");
        Assert.Equal("hello", Web.Receive(0));
        Assert.Equal(WasiErrno.EBADF, Web.TryReceive(server, out _));
    }

    [Fact]
    public void Right_ThatWasGivenUpIsMissed()
    {
        var (server, client) = _guests.Connect();
        Api.Send(client, "x");
        Assert.Equal(WasiErrno.None, Web.Call("fd_fdstat_set_rights", server, (long)(Rights.Socket & ~Rights.Read), 0L));

        Assert.Equal(WasiErrno.ENOTCAPABLE, Web.TryReceive(server, out _));
        Assert.Equal(WasiErrno.None, Web.Send(server, "y"));
        Assert.Equal(WasiErrno.ENOTCAPABLE, Web.Call("fd_fdstat_set_rights", server, (long)Rights.Socket, 0L));
    }

    [Fact]
    public void Right_ThatAnOpenFolderDoesNotHandOnIsNotGained()
    {
        Assert.Equal(WasiErrno.None, Web.Call("fd_fdstat_set_rights", SocketCalls.Net, (long)Rights.Directory, (long)(Rights.Socket & ~Rights.Shutdown & ~Rights.Write)));
        var listener = Web.OpenDevice("tcp/listen/8080");
        var client = Api.OpenDevice("tcp/connect/web/8080");
        Api.Send(client, "x");

        var server = Web.Accept(listener);

        Assert.Equal("x", Web.Receive(server));
        Assert.Equal(WasiErrno.ENOTCAPABLE, Web.Send(server, "y"));
        Assert.Equal(WasiErrno.ENOTCAPABLE, Web.Call("sock_shutdown", server, 3));
    }
}
