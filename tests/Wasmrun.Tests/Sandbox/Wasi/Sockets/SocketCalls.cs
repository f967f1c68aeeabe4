using System.Text;
using Wasmrun.Sandbox.Wasi;

namespace Wasmrun.Tests.Sandbox.Wasi.Sockets;

/// <summary>Socket calls of a guest as a C library makes them, for the tests that are about what comes out and not about the call.</summary>
internal static class SocketCalls
{
    /// <summary>The number of the preopen <c>/net</c> in a guest without mounts.</summary>
    public const int Net = 3;

    /// <summary>What a C library asks for when it opens a file to be read and written.</summary>
    private const Rights ReadWrite = Rights.All;

    public static WasiErrno TryOpenDevice(this WasiGuest guest, string path, out int fd, bool nonBlocking = false, Rights rights = ReadWrite) =>
        guest.TryOpen(Net, path, out fd, OpenFlags.None, rights, fdFlags: nonBlocking ? FdFlags.NonBlock : FdFlags.None);

    public static int OpenDevice(this WasiGuest guest, string path, bool nonBlocking = false)
    {
        Assert.Equal(WasiErrno.None, guest.TryOpenDevice(path, out var fd, nonBlocking));
        return fd;
    }

    public static WasiErrno TryAccept(this WasiGuest guest, int listener, out int fd, bool nonBlocking = false)
    {
        var result = guest.Call("sock_accept", listener, nonBlocking ? (int)FdFlags.NonBlock : 0, WasiGuest.Result);
        fd = guest.Memory.ReadInt32(WasiGuest.Result);
        return result;
    }

    public static int Accept(this WasiGuest guest, int listener, bool nonBlocking = false)
    {
        Assert.Equal(WasiErrno.None, guest.TryAccept(listener, out var fd, nonBlocking));
        return fd;
    }

    public static WasiErrno Send(this WasiGuest guest, int fd, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return guest.Call("sock_send", fd, guest.PutVectors((guest.Put(bytes), bytes.Length)), 1, 0, WasiGuest.Result);
    }

    public static WasiErrno TryReceive(this WasiGuest guest, int fd, out string text, int flags = 0, int length = 4096)
    {
        var buffer = guest.Reserve(length);
        var result = guest.Call("sock_recv", fd, guest.PutVectors((buffer, length)), 1, flags, WasiGuest.Result, WasiGuest.Result + 4);
        text = result == WasiErrno.None ? guest.Text(buffer, guest.Memory.ReadInt32(WasiGuest.Result)) : "";
        return result;
    }

    public static string Receive(this WasiGuest guest, int fd, int flags = 0, int length = 4096)
    {
        Assert.Equal(WasiErrno.None, guest.TryReceive(fd, out var text, flags, length));
        return text;
    }

    public static WasiErrno SetNonBlocking(this WasiGuest guest, int fd, bool on = true) =>
        guest.Call("fd_fdstat_set_flags", fd, on ? (int)FdFlags.NonBlock : 0);

    public static ulong Inode(this WasiGuest guest, int fd) => guest.Status(fd).Inode;

    /// <summary>Writes a command to the control file of a socket.</summary>
    public static WasiErrno Control(this WasiGuest guest, int fd, string command)
    {
        var control = guest.OpenDevice($"ctl/{guest.Inode(fd)}/control");
        var result = guest.Write(control, command);
        Assert.Equal(WasiErrno.None, guest.Close(control));
        return result;
    }

    /// <summary>Reads one of the texts that the tree has of a socket.</summary>
    public static string Fact(this WasiGuest guest, int fd, string name) => guest.ReadFile(Net, $"ctl/{guest.Inode(fd)}/{name}");

    /// <summary>Asks for readiness without waiting.</summary>
    /// <returns>The events, each as 32 bytes.</returns>
    public static byte[][] Poll(this WasiGuest guest, params (ulong UserData, SubscriptionType Type, int Fd)[] subscriptions)
    {
        // With a clock that has already run out: the monotonic one, with a timeout of zero.
        const int Monotonic = 1;
        return guest.PollOnce([.. subscriptions, (ulong.MaxValue, SubscriptionType.Clock, Monotonic)])[..^1];
    }

    /// <summary>Waits for readiness.</summary>
    /// <returns>The events, each as 32 bytes.</returns>
    public static byte[][] PollOnce(this WasiGuest guest, params (ulong UserData, SubscriptionType Type, int Fd)[] subscriptions)
    {
        const int SubscriptionSize = 48;
        const int EventSize = 32;
        var asked = guest.Reserve(subscriptions.Length * SubscriptionSize);
        var events = guest.Reserve(subscriptions.Length * EventSize);
        foreach (var (index, subscription) in subscriptions.Index())
        {
            var place = asked + (index * SubscriptionSize);
            guest.Memory.WriteInt64(place, (long)subscription.UserData);
            guest.Memory.WriteByte(place + 8, (byte)subscription.Type);
            guest.Memory.WriteInt32(place + 16, subscription.Fd);
        }

        Assert.Equal(WasiErrno.None, guest.Call("poll_oneoff", asked, events, subscriptions.Length, WasiGuest.Result));
        var happened = guest.Memory.ReadInt32(WasiGuest.Result);
        return [.. Enumerable.Range(0, happened).Select(index => guest.Bytes(events + (index * EventSize), EventSize))];
    }
}
