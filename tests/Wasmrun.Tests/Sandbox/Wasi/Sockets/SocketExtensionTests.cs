using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>The socket extension of preview 1, to the byte.</summary>
public sealed class SocketExtensionTests : IDisposable
{
    private const int Inet4 = 1;
    private const int Inet6 = 2;
    private const int Datagram = 1;
    private const int Stream = 2;
    private const int FarAway = 0x7fff_fff0;

    private readonly SocketGuests _guests = new(extended: true);

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Theory]
    [InlineData(Inet4, Stream, nameof(FileType.StreamSocket))]
    [InlineData(Inet6, Stream, nameof(FileType.StreamSocket))]
    [InlineData(Inet4, Datagram, nameof(FileType.DatagramSocket))]
    [InlineData(Inet6, Datagram, nameof(FileType.DatagramSocket))]
    public void Open_GivesASocketOfTheFamilyAndKind(int family, int kind, string type)
    {
        var fd = Open(Web, family, kind);

        Assert.Equal(type, Web.Status(fd).Type.ToString());
        Assert.Equal(kind, Option(Web, fd, 1));
    }

    [Theory]
    [InlineData(0, Stream, nameof(WasiErrno.EAFNOSUPPORT))]
    [InlineData(3, Stream, nameof(WasiErrno.EAFNOSUPPORT))]
    [InlineData(Inet4, 0, nameof(WasiErrno.EPROTONOSUPPORT))]
    [InlineData(Inet4, 3, nameof(WasiErrno.EPROTONOSUPPORT))]
    public void Open_RefusesWhatItDoesNotKnow(int family, int kind, string error) =>
        Assert.Equal(error, Web.Call("sock_open", family, kind, WasiGuest.Result).ToString());

    [Fact]
    public void Open_OfABadCallOpensNothing()
    {
        var sockets = _guests.WebNetwork.OpenSockets.Count();

        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_open", Inet4, Stream, FarAway));

        Assert.Equal(sockets, _guests.WebNetwork.OpenSockets.Count());
    }

    [Fact]
    public void Accept_HasTwoParametersHere()
    {
        var listener = Listen(8080);
        var client = Connect(Api, _guests.WebAddress, 8080);

        Assert.Equal(WasiErrno.None, Web.Call("sock_accept", listener, WasiGuest.Result));

        var server = Web.Memory.ReadInt32(WasiGuest.Result);
        Assert.Equal(WasiErrno.None, Api.Send(client, "hello"));
        Assert.Equal("hello", Web.Receive(server));
        Assert.Equal(WasiErrno.None, Web.SetNonBlocking(listener));
        Assert.Equal(WasiErrno.EAGAIN, Web.Call("sock_accept", listener, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_accept", listener, FarAway));
    }

    [Fact]
    public void Addresses_AreThoseOfTheStack()
    {
        var listener = Listen(8080);
        var client = Connect(Api, _guests.WebAddress, 8080);
        Assert.Equal(WasiErrno.None, Web.Call("sock_accept", listener, WasiGuest.Result));
        var server = Web.Memory.ReadInt32(WasiGuest.Result);

        var (clientAddress, clientType, clientPort) = Address(Api, "sock_getlocaladdr", client);

        Assert.Equal(_guests.ApiAddress.GetAddressBytes(), clientAddress[..4]);
        Assert.Equal(4, clientType);
        Assert.Equal(($"{_guests.WebAddress}", 4, 8080), Short(Address(Api, "sock_getpeeraddr", client)));
        Assert.Equal(($"{_guests.WebAddress}", 4, 8080), Short(Address(Web, "sock_getlocaladdr", server)));
        Assert.Equal(($"{_guests.ApiAddress}", 4, clientPort), Short(Address(Web, "sock_getpeeraddr", server)));
    }

    [Fact]
    public void Address_OfIPv6TakesSixteenBytes()
    {
        var fd = Open(Web, Inet6, Stream);
        Assert.Equal(WasiErrno.None, Web.Call("sock_bind", fd, PutAddress(Web, IPAddress.IPv6Loopback), 8080));

        var (bytes, type, port) = Address(Web, "sock_getlocaladdr", fd);

        Assert.Equal(IPAddress.IPv6Loopback.GetAddressBytes(), bytes);
        Assert.Equal((6, 8080), (type, port));
    }

    [Fact]
    public void Address_NeedsRoomForIPv6AndIsWrittenNowhereElse()
    {
        var fd = Open(Web, Inet4, Stream);
        Web.Call("sock_bind", fd, PutAddress(Web, IPAddress.Loopback), 8080);
        var bytes = Web.Put(Enumerable.Repeat((byte)0xee, 32).ToArray());

        Assert.Equal(WasiErrno.None, Web.Call("sock_getlocaladdr", fd, Web.PutVectors((bytes, 16)), WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal([127, 0, 0, 1], Web.Bytes(bytes, 4));
        Assert.All(Web.Bytes(bytes + 16, 16), value => Assert.Equal(0xee, value));

        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_getlocaladdr", fd, Web.PutVectors((bytes, 15)), WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getlocaladdr", fd, Web.PutVectors((Web.MemorySize - 15, 16)), WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getlocaladdr", fd, FarAway, WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getlocaladdr", fd, Web.PutVectors((bytes, 16)), FarAway, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getlocaladdr", fd, Web.PutVectors((bytes, 16)), WasiGuest.Result, FarAway));
        Assert.Equal(WasiErrno.ENOTCONN, Web.Call("sock_getpeeraddr", fd, Web.PutVectors((bytes, 16)), WasiGuest.Result, WasiGuest.Result + 4));
    }

    [Theory]
    [InlineData(4, 65536, nameof(WasiErrno.EINVAL))]
    [InlineData(4, -1, nameof(WasiErrno.EINVAL))]
    [InlineData(0, 80, nameof(WasiErrno.EAFNOSUPPORT))]
    [InlineData(5, 80, nameof(WasiErrno.EAFNOSUPPORT))]
    [InlineData(16, 80, nameof(WasiErrno.EAFNOSUPPORT))]
    public void Bind_RefusesWhatIsNoAddressOfItsFamily(int length, int port, string error)
    {
        var place = Web.PutVectors((Web.Reserve(16), length));

        Assert.Equal(error, Web.Call("sock_bind", Open(Web, Inet4, Stream), place, port).ToString());
    }

    [Fact]
    public void Bind_AnswersAsAKernelWould()
    {
        Listen(8080);
        var second = Open(Web, Inet4, Stream);

        Assert.Equal(WasiErrno.EADDRINUSE, Web.Call("sock_bind", second, PutAddress(Web, IPAddress.Any), 8080));
        Assert.Equal(WasiErrno.EADDRNOTAVAIL, Web.Call("sock_bind", second, PutAddress(Web, IPAddress.Parse("192.0.2.1")), 80));
        Assert.Equal(WasiErrno.None, Web.Call("sock_bind", second, PutAddress(Web, IPAddress.Any), 8081));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_bind", second, PutAddress(Web, IPAddress.Any), 8082));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_bind", second, FarAway, 8082));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_bind", second, Web.PutVectors((FarAway, 4)), 8082));
        Assert.Equal(WasiErrno.ENOTSOCK, Web.Call("sock_bind", 0, PutAddress(Web, IPAddress.Any), 8082));
        Assert.Equal(WasiErrno.EBADF, Web.Call("sock_bind", 99, PutAddress(Web, IPAddress.Any), 8082));
    }

    [Fact]
    public void Connect_AnswersAsAKernelWould()
    {
        var fd = Open(Web, Inet4, Stream);

        Assert.Equal(WasiErrno.ECONNREFUSED, Web.Call("sock_connect", fd, PutAddress(Web, IPAddress.Loopback), 81));
        Assert.Equal(WasiErrno.EACCES, Web.Call("sock_connect", fd, PutAddress(Web, IPAddress.Parse("192.0.2.1")), 81));
        Assert.Equal(WasiErrno.EAFNOSUPPORT, Web.Call("sock_connect", fd, PutAddress(Web, IPAddress.IPv6Loopback), 81));
        Listen(8080);
        Assert.Equal(WasiErrno.None, Web.Call("sock_connect", fd, PutAddress(Web, IPAddress.Loopback), 8080));
        Assert.Equal(WasiErrno.EISCONN, Web.Call("sock_connect", fd, PutAddress(Web, IPAddress.Loopback), 8080));
    }

    [Fact]
    public void ReceiveFrom_TellsThePeerBehindItsFamily()
    {
        var listener = Listen(8080);
        var client = Connect(Api, _guests.WebAddress, 8080);
        Web.Call("sock_accept", listener, WasiGuest.Result);
        var server = Web.Memory.ReadInt32(WasiGuest.Result);
        var (_, _, clientPort) = Address(Api, "sock_getlocaladdr", client);
        Api.Send(client, "hello");
        var buffer = Web.Reserve(16);
        var address = Web.Reserve(128);
        var port = Web.Reserve(4);

        var result = Web.Call(
            "sock_recv_from", server, Web.PutVectors((buffer, 16)), 1, Web.PutVectors((address, 128)), 0, port, WasiGuest.Result, WasiGuest.Result + 4);

        Assert.Equal(WasiErrno.None, result);
        Assert.Equal("hello", Web.Text(buffer, Web.Memory.ReadInt32(WasiGuest.Result)));
        Assert.Equal([1, 0, .. _guests.ApiAddress.GetAddressBytes(), 0, 0], Web.Bytes(address, 8));
        Assert.Equal(clientPort, Web.Memory.ReadInt32(port));
        Assert.Equal(0, Web.Memory.ReadInt16(WasiGuest.Result + 4));
    }

    [Fact]
    public void ReceiveFrom_WithoutRoomForTheAddressTakesNothing()
    {
        var listener = Listen(8080);
        var client = Connect(Api, _guests.WebAddress, 8080);
        Web.Call("sock_accept", listener, WasiGuest.Result);
        var server = Web.Memory.ReadInt32(WasiGuest.Result);
        Api.Send(client, "hello");
        var buffers = Web.PutVectors((Web.Reserve(16), 16));
        var place = Web.PutVectors((Web.Reserve(128), 128));

        Assert.Equal(WasiErrno.EINVAL, From(Web.PutVectors((WasiGuest.Result, 127)), WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, From(Web.PutVectors((Web.MemorySize - 127, 128)), WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, From(FarAway, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, From(place, FarAway));
        Assert.Equal("hello", Web.Receive(server));

        WasiErrno From(int address, int port) =>
            Web.Call("sock_recv_from", server, buffers, 1, address, 0, port, WasiGuest.Result + 8, WasiGuest.Result + 12);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 1)]
    [InlineData(3, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 16)]
    [InlineData(12, 16)]
    public void Option_ThatWasSetIsReadBack(int name, int size)
    {
        var fd = Open(Web, Inet4, Stream);
        var value = Web.Reserve(16);
        Web.Memory.WriteInt32(value, 1);

        Assert.Equal(WasiErrno.None, Web.Call("sock_setsockopt", fd, 0, name, value, Math.Max(4, size)));

        Assert.Equal(1, Option(Web, fd, name, Math.Max(4, size)));
    }

    [Fact]
    public void Option_OfAListenerSaysSo()
    {
        Assert.Equal(1, Option(Web, Listen(8080), 13));
        Assert.Equal(0, Option(Web, Open(Web, Inet4, Stream), 13));
    }

    [Fact]
    public void Option_RefusesWhatItDoesNotKnow()
    {
        var fd = Open(Web, Inet4, Stream);
        var value = Web.Reserve(16);
        var size = Web.Put([4, 0, 0, 0]);
        var small = Web.Put([3, 0, 0, 0]);

        Assert.Equal(WasiErrno.ENOPROTOOPT, Web.Call("sock_getsockopt", fd, 0, 99, value, size));
        Assert.Equal(WasiErrno.ENOPROTOOPT, Web.Call("sock_getsockopt", fd, 1, 0, value, size));
        Assert.Equal(WasiErrno.ENOPROTOOPT, Web.Call("sock_setsockopt", fd, 0, 13, value, 4));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_getsockopt", fd, 0, 0, value, small));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("sock_setsockopt", fd, 0, 0, value, 3));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getsockopt", fd, 0, 0, FarAway, size));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getsockopt", fd, 0, 0, value, FarAway));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_setsockopt", fd, 0, 0, FarAway, 4));
        Assert.Equal(WasiErrno.ENOTSOCK, Web.Call("sock_getsockopt", 0, 0, 0, value, size));
    }

    [Fact]
    public void AddressInfo_FillsTheListThatTheGuestHasLaidOut()
    {
        var (first, second) = (PutNode(0), 0);
        second = PutNode(0);
        Web.Memory.WriteInt32(first + 24, second);

        Assert.Equal(WasiErrno.None, Lookup(Web, "localhost", "http", first, 2, out var used));

        Assert.Equal(2, used);
        Assert.Equal([0, 0, Inet4, Stream, 1, 0, 0, 0, 14, 0, 0, 0], Web.Bytes(first, 12));
        Assert.Equal([0, 80, 127, 0, 0, 1], Data(first, 14)[..6]);
        Assert.Equal([Inet6, Stream, 1], Web.Bytes(second + 2, 3));
        Assert.Equal([0, 80, 0, 0, 0, 0, .. IPAddress.IPv6Loopback.GetAddressBytes(), 0, 0, 0, 0], Data(second, 26));
    }

    [Theory]
    [InlineData("api", "8080", 8080)]
    [InlineData("backend", "redis", 6379)]
    [InlineData("api", "", 0)]
    public void AddressInfo_FindsServicesByTheirNames(string host, string service, int port)
    {
        var node = PutNode(0);

        Assert.Equal(WasiErrno.None, Lookup(Web, host, service, node, 1, out var used));

        Assert.Equal(1, used);
        var expected = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(expected, (ushort)port);
        _guests.ApiAddress.GetAddressBytes().CopyTo(expected, 2);
        Assert.Equal(expected, Data(node, 14)[..6]);
    }

    [Fact]
    public void AddressInfo_OfOneFamilyLeavesTheOtherOut()
    {
        var node = PutNode(0);

        Assert.Equal(WasiErrno.None, Lookup(Web, "localhost", "80", node, 1, out var used, Inet6));

        Assert.Equal(1, used);
        Assert.Equal(Inet6, Web.Memory.ReadByte(node + 2));
    }

    [Theory]
    [InlineData("nobody", "80", 84)]
    [InlineData("api", "no-such-service", 85)]
    public void AddressInfo_SaysWhatIsNotFound(string host, string service, int error)
    {
        Assert.Equal(error, (int)Lookup(Web, host, service, PutNode(0), 1, out _));
    }

    [Fact]
    public void AddressInfo_LooksAtNoTextThatIsTooLong()
    {
        var list = Web.Put(BitConverter.GetBytes(PutNode(0)));
        var text = Web.Reserve(2000);

        Assert.Equal(85, (int)Web.Call("sock_getaddrinfo", 0, 0, text, 2000, 0, list, 1, WasiGuest.Result));
        Assert.Equal(84, (int)Web.Call("sock_getaddrinfo", text, 2000, 0, 0, 0, list, 1, WasiGuest.Result));
    }

    [Fact]
    public void AddressInfo_IsWrittenWithinTheMemory()
    {
        var node = PutNode(0);
        var (host, service) = (Web.Put("localhost\0"u8), Web.Put("80\0"u8));
        var hints = Web.Reserve(28);
        var list = Web.Put(BitConverter.GetBytes(node));
        Web.Memory.WriteInt32(Web.Memory.ReadInt32(node + 12) + 8, FarAway);

        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getaddrinfo", host, 10, service, 3, hints, list, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getaddrinfo", FarAway, 10, service, 3, hints, list, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getaddrinfo", host, 10, FarAway, 3, hints, list, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getaddrinfo", host, 10, service, 3, FarAway, list, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getaddrinfo", host, 10, service, 3, hints, FarAway, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getaddrinfo", host, 10, service, 3, hints, Web.Put(BitConverter.GetBytes(FarAway)), 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Web.Call("sock_getaddrinfo", host, 10, service, 3, hints, list, 1, FarAway));
    }

    [Fact]
    public void AddressInfo_EndsWithTheListEvenWhenItIsACircle()
    {
        var node = PutNode(0);
        Web.Memory.WriteInt32(node + 24, node);

        Assert.Equal(WasiErrno.None, Lookup(Web, "localhost", "80", node, 1000, out var used));

        Assert.Equal(2, used);
    }

    private static int Open(WasiGuest guest, int family, int kind)
    {
        Assert.Equal(WasiErrno.None, guest.Call("sock_open", family, kind, WasiGuest.Result));
        return guest.Memory.ReadInt32(WasiGuest.Result);
    }

    private static int PutAddress(WasiGuest guest, IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return guest.PutVectors((guest.Put(bytes), bytes.Length));
    }

    private static int Connect(WasiGuest guest, IPAddress address, int port)
    {
        var fd = Open(guest, address.AddressFamily == AddressFamily.InterNetwork ? Inet4 : Inet6, Stream);
        Assert.Equal(WasiErrno.None, guest.Call("sock_connect", fd, PutAddress(guest, address), port));
        return fd;
    }

    private static int Option(WasiGuest guest, int fd, int name, int size = 4)
    {
        var place = guest.Reserve(16);
        var length = guest.Put(BitConverter.GetBytes(size));
        Assert.Equal(WasiErrno.None, guest.Call("sock_getsockopt", fd, 0, name, place, length));
        Assert.Equal(size, guest.Memory.ReadInt32(length));
        return guest.Memory.ReadInt32(place);
    }

    private static (byte[] Bytes, int Type, int Port) Address(WasiGuest guest, string function, int fd)
    {
        var bytes = guest.Reserve(16);
        Assert.Equal(WasiErrno.None, guest.Call(function, fd, guest.PutVectors((bytes, 16)), WasiGuest.Result, WasiGuest.Result + 4));
        return (guest.Bytes(bytes, 16), guest.Memory.ReadInt32(WasiGuest.Result), guest.Memory.ReadInt32(WasiGuest.Result + 4));
    }

    private static (string Address, int Type, int Port) Short((byte[] Bytes, int Type, int Port) address) =>
        ($"{new IPAddress(address.Bytes[..4])}", address.Type, address.Port);

    /// <summary>Looks a name up as the crate does: names with their NUL counted in.</summary>
    private static WasiErrno Lookup(WasiGuest guest, string host, string service, int node, int max, out int used, int family = 0)
    {
        var (name, port) = (Encoding.UTF8.GetBytes(host + "\0"), Encoding.UTF8.GetBytes(service + "\0"));
        var hints = guest.Reserve(28);
        guest.Memory.WriteByte(hints + 2, (byte)family);
        guest.Memory.WriteByte(hints + 3, Stream);
        var list = guest.Put(BitConverter.GetBytes(node));
        var result = guest.Call("sock_getaddrinfo", guest.Put(name), name.Length, guest.Put(port), port.Length, hints, list, max, WasiGuest.Result);
        used = guest.Memory.ReadInt32(WasiGuest.Result);
        return result;
    }

    private int Listen(int port)
    {
        var fd = Open(Web, Inet4, Stream);
        Assert.Equal(WasiErrno.None, Web.Call("sock_bind", fd, PutAddress(Web, IPAddress.Any), port));
        Assert.Equal(WasiErrno.None, Web.Call("sock_listen", fd, 16));
        return fd;
    }

    /// <summary>Lays out one node of the list: with a socket address, and with room for its data.</summary>
    private int PutNode(int next)
    {
        var address = Web.Reserve(12);
        Web.Memory.WriteInt32(address + 4, 26);
        Web.Memory.WriteInt32(address + 8, Web.Reserve(26));
        var node = Web.Reserve(28);
        Web.Memory.WriteInt32(node + 12, address);
        Web.Memory.WriteInt32(node + 24, next);
        return node;
    }

    private byte[] Data(int node, int length)
    {
        var address = Web.Memory.ReadInt32(node + 12);
        Assert.Equal(length, Web.Memory.ReadInt32(address + 4));
        return Web.Bytes(Web.Memory.ReadInt32(address + 8), length);
    }
}
