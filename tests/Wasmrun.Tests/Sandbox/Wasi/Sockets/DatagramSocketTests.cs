using System.Buffers.Binary;
using System.Text;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Datagrams: through device files, where a header in front of each says where it is from or goes, and through the extension.</summary>
public sealed class DatagramSocketTests : IDisposable
{
    private const int HeaderSize = 64;
    private const int Inet4 = 1;

    private readonly SocketGuests _guests = new(extended: true);

    private WasiGuest Web => _guests.Web;

    private WasiGuest Api => _guests.Api;

    public void Dispose() => _guests.Dispose();

    [Fact]
    public void Datagram_CarriesItsSenderInFront()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        var client = Api.OpenDevice("udp/new");
        Assert.Equal(WasiErrno.None, Api.Control(client, $"bind {_guests.ApiAddress} 4000"));

        Assert.Equal(WasiErrno.None, WriteTo(Api, client, $"{_guests.WebAddress} 5353", "ping"));

        Assert.Equal(HeaderSize + 4, Api.Memory.ReadInt32(WasiGuest.Result));
        Assert.Equal($"{_guests.ApiAddress} 4000".PadRight(HeaderSize - 1) + "\nping", ReadFrom(Web, server, 1024));
    }

    [Fact]
    public void Datagram_GoesBackToItsSender()
    {
        var server = Web.OpenDevice("udp/bind/5353");
        var client = Api.OpenDevice("udp/connect/web/5353");
        Assert.Equal(WasiErrno.None, Api.Write(client, "ping"));
        var received = ReadFrom(Web, server, 1024);

        Assert.Equal(WasiErrno.None, WriteTo(Web, server, received[..HeaderSize].Trim(), "pong"));

        Assert.Equal("pong", Api.Read(client));
        Assert.Equal($"{_guests.WebAddress} 5353\n", Api.Fact(client, "peer"));
    }

    [Fact]
    public void Datagram_ThatIsLongerThanTheRoomIsCutAndSaysSo()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        var client = Api.OpenDevice("udp/connect/web/5353");
        Api.Write(client, "a long story");
        Api.Write(client, "next");

        var cut = ReadFrom(Web, server, 6);

        Assert.EndsWith("\na long", cut, StringComparison.Ordinal);
        Assert.EndsWith(" truncated", cut[..HeaderSize].TrimEnd(), StringComparison.Ordinal);
        Assert.EndsWith("\nnext", ReadFrom(Web, server, 1024), StringComparison.Ordinal);
    }

    [Fact]
    public void Datagram_CanBeEmpty()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        Api.Write(Api.OpenDevice("udp/connect/web/5353"), "");

        Assert.Equal(HeaderSize, ReadFrom(Web, server, 1024).Length);
        Assert.Equal(WasiErrno.EAGAIN, TryReadFrom(Web, server, 1024, out _));
    }

    [Fact]
    public void Datagram_OfIPv6HasAnAddressOfIPv6()
    {
        var server = Web.OpenDevice("udp6/bind/5353", nonBlocking: true);
        var client = Web.OpenDevice("udp6/new");
        Assert.Equal(WasiErrno.None, Web.Control(client, "bind ::1 4000"));

        Assert.Equal(WasiErrno.None, WriteTo(Web, client, "::1 5353", "six"));

        Assert.Equal("::1 4000".PadRight(HeaderSize - 1) + "\nsix", ReadFrom(Web, server, 1024));
    }

    [Fact]
    public void Datagram_IsPeekedWithItsSender()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        Api.Write(Api.OpenDevice("udp/connect/web/5353"), "ping");
        var peek = Web.OpenDevice($"ctl/{Web.Inode(server)}/peek-datagrams");

        Assert.Equal(Web.Read(peek), ReadFrom(Web, server, 1024));
    }

    [Theory]
    [InlineData("10.0.0.1", nameof(WasiErrno.EINVAL))]
    [InlineData("web 5353", nameof(WasiErrno.EINVAL))]
    [InlineData("10.0.0.1 65536", nameof(WasiErrno.EINVAL))]
    [InlineData("10.0.0.256 1", nameof(WasiErrno.EINVAL))]
    [InlineData("127.0.0.1 0", nameof(WasiErrno.EINVAL))]
    [InlineData("::1 5353", nameof(WasiErrno.EAFNOSUPPORT))]
    [InlineData("192.0.2.1 53", nameof(WasiErrno.EACCES))]
    public void Header_ThatLeadsNowhereIsRefused(string header, string error) =>
        Assert.Equal(error, WriteTo(Web, Web.OpenDevice("udp/new"), header, "x").ToString());

    [Fact]
    public void Header_MayBeSpreadOverTheBuffers()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        var client = Api.OpenDevice("udp/new");
        var datagrams = Api.OpenDevice($"ctl/{Api.Inode(client)}/datagrams");
        var message = Api.Put(Encoding.UTF8.GetBytes($"{_guests.WebAddress} 5353".PadRight(HeaderSize - 1) + "\npayload"));

        Assert.Equal(WasiErrno.None, Api.Call("fd_write", datagrams, Api.PutVectors((message, 10), (message + 10, 56), (message + 66, 5)), 3, WasiGuest.Result));

        var buffer = Web.Reserve(128);
        var reader = Web.OpenDevice($"ctl/{Web.Inode(server)}/datagrams");
        Assert.Equal(WasiErrno.None, Web.Call("fd_read", reader, Web.PutVectors((buffer, 1), (buffer + 1, 65), (buffer + 66, 62)), 3, WasiGuest.Result));
        Assert.Equal(71, Web.Memory.ReadInt32(WasiGuest.Result));
        Assert.StartsWith($"{_guests.ApiAddress} ", Web.Text(buffer, 71), StringComparison.Ordinal);
        Assert.EndsWith("\npayload", Web.Text(buffer, 71), StringComparison.Ordinal);
    }

    [Fact]
    public void Header_NeedsItsRoom()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        Api.Write(Api.OpenDevice("udp/connect/web/5353"), "ping");
        var datagrams = Web.OpenDevice($"ctl/{Web.Inode(server)}/datagrams");
        var room = Web.PutVectors((Web.Reserve(63), 63));

        Assert.Equal(WasiErrno.EINVAL, Web.Call("fd_read", datagrams, room, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EINVAL, Web.Call("fd_write", datagrams, room, 1, WasiGuest.Result));

        Assert.EndsWith("ping", Web.Read(datagrams), StringComparison.Ordinal);
    }

    [Fact]
    public void Poll_SeesADatagramOnEveryDescriptorOfTheSocket()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        var datagrams = Web.OpenDevice($"ctl/{Web.Inode(server)}/datagrams");
        Assert.Empty(Web.Poll((1, SubscriptionType.Read, server), (2, SubscriptionType.Read, datagrams)));
        Assert.Single(Web.Poll((1, SubscriptionType.Read, server), (2, SubscriptionType.Write, server)));

        Api.Write(Api.OpenDevice("udp/connect/web/5353"), "ping");

        Assert.Equal(2, Web.Poll((1, SubscriptionType.Read, server), (2, SubscriptionType.Read, datagrams)).Length);
        Assert.Single(Web.Poll((1, SubscriptionType.Read, server)));
    }

    [Fact]
    public void Extension_SendsToAndReceivesFrom()
    {
        var server = Web.OpenDevice("udp/bind/5353", nonBlocking: true);
        var client = Api.OpenDevice("udp/new");
        Api.Control(client, $"bind {_guests.ApiAddress} 4000");
        var text = Api.Put("ping"u8);
        var remote = Api.Put(_guests.WebAddress.GetAddressBytes());

        Assert.Equal(WasiErrno.None, Api.Call("sock_send_to", client, Api.PutVectors((text, 4)), 1, Api.PutVectors((remote, 4)), 5353, 0, WasiGuest.Result));
        Assert.Equal(4, Api.Memory.ReadInt32(WasiGuest.Result));

        var (buffer, address, port) = (Web.Reserve(3), Web.Reserve(128), Web.Reserve(4));
        Assert.Equal(WasiErrno.None, Web.Call(
            "sock_recv_from", server, Web.PutVectors((buffer, 3)), 1, Web.PutVectors((address, 128)), 0, port, WasiGuest.Result, WasiGuest.Result + 4));
        Assert.Equal("pin", Web.Text(buffer, Web.Memory.ReadInt32(WasiGuest.Result)));
        Assert.Equal(1, Web.Memory.ReadInt16(WasiGuest.Result + 4));
        Assert.Equal(4000, Web.Memory.ReadInt32(port));
        Assert.Equal(Inet4, BinaryPrimitives.ReadUInt16LittleEndian(Web.Bytes(address, 2)));
        Assert.Equal(_guests.ApiAddress.GetAddressBytes(), Web.Bytes(address + 2, 4));
    }

    [Fact]
    public void Extension_OfABadAddressSendsNothing()
    {
        var client = Api.OpenDevice("udp/new");
        var vectors = Api.PutVectors((Api.Put("ping"u8), 4));

        Assert.Equal(WasiErrno.EFAULT, Api.Call("sock_send_to", client, vectors, 1, int.MaxValue, 5353, 0, WasiGuest.Result));
        Assert.Equal(WasiErrno.EFAULT, Api.Call("sock_send_to", client, vectors, 1, Api.PutVectors((int.MaxValue, 4)), 5353, 0, WasiGuest.Result));
        Assert.Equal(WasiErrno.EINVAL, Api.Call("sock_send_to", client, vectors, 1, Api.PutVectors((64, 4)), 65536, 0, WasiGuest.Result));
        Assert.Equal(WasiErrno.EINVAL, Api.Call("sock_send_to", client, vectors, 1, Api.PutVectors((64, 4)), 5353, 1, WasiGuest.Result));
        Assert.Equal(WasiErrno.EDESTADDRREQ, Api.Write(client, "x"));
        Assert.Equal(WasiErrno.ENOTSUP, Api.Call("sock_listen", client, 1));
    }

    private static WasiErrno WriteTo(WasiGuest guest, int fd, string header, string text)
    {
        var datagrams = guest.OpenDevice($"ctl/{guest.Inode(fd)}/datagrams");
        var result = guest.Write(datagrams, header.PadRight(HeaderSize - 1) + "\n" + text);
        var written = guest.Memory.ReadInt32(WasiGuest.Result);
        guest.Close(datagrams);
        guest.Memory.WriteInt32(WasiGuest.Result, written);
        return result;
    }

    private static WasiErrno TryReadFrom(WasiGuest guest, int fd, int room, out string text)
    {
        var datagrams = guest.OpenDevice($"ctl/{guest.Inode(fd)}/datagrams");
        var buffer = guest.Reserve(HeaderSize + room);
        var result = guest.Call("fd_read", datagrams, guest.PutVectors((buffer, HeaderSize + room)), 1, WasiGuest.Result);
        text = result == WasiErrno.None ? guest.Text(buffer, guest.Memory.ReadInt32(WasiGuest.Result)) : "";
        guest.Close(datagrams);
        return result;
    }

    private static string ReadFrom(WasiGuest guest, int fd, int room)
    {
        Assert.Equal(WasiErrno.None, TryReadFrom(guest, fd, room, out var text));
        return text;
    }
}
