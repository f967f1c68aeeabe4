using System.Net.Sockets;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using SocketOption = Wasmrun.Network.Sockets.SocketOption;

namespace Wasmrun.Tests.Network;

public sealed class SocketOptionTests
{
    [Theory]
    [InlineData(SocketOption.NoDelay, 1)]
    [InlineData(SocketOption.KeepAlive, 1)]
    [InlineData(SocketOption.KeepAliveIdle, 30)]
    [InlineData(SocketOption.KeepAliveInterval, 5)]
    [InlineData(SocketOption.KeepAliveCount, 3)]
    [InlineData(SocketOption.Linger, 0)]
    [InlineData(SocketOption.DontRoute, 1)]
    [InlineData(SocketOption.UrgentInline, 1)]
    [InlineData(SocketOption.ReceiveLowWater, 5)]
    [InlineData(SocketOption.ReuseAddress, 1)]
    [InlineData(SocketOption.Broadcast, 1)]
    [InlineData(SocketOption.ReceiveTimeout, 1_500_000_000)]
    [InlineData(SocketOption.SendTimeout, 1_500_000_000)]
    public void Option_IsReadBackAsSet(SocketOption option, long value)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Tcp();

        Assert.Equal(Errno.None, socket.SetOption(option, value));

        Assert.Equal(Errno.None, socket.GetOption(option, out var read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData(SocketOption.KeepAliveIdle, 7200)]
    [InlineData(SocketOption.KeepAliveInterval, 75)]
    [InlineData(SocketOption.KeepAliveCount, 9)]
    [InlineData(SocketOption.ReceiveLowWater, 1)]
    [InlineData(SocketOption.Linger, -1)]
    [InlineData(SocketOption.NoDelay, 0)]
    public void Option_ThatWasNotSet_IsWhatLinuxBeginsWith(SocketOption option, long value)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();

        Assert.Equal(Errno.None, guest.Tcp().GetOption(option, out var read));

        Assert.Equal(value, read);
    }

    [Fact]
    public async Task Options_OfAListener_AreThoseOfWhatItAccepts()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        var listener = guest.Listen(3000);
        Assert.Equal(Errno.None, listener.SetOption(SocketOption.Linger, 0));
        using var client = await HostClient.ConnectAsync(forward.HostPort);

        // Linger of zero makes the close a reset, which only a kernel socket that was told so sends.
        listener.AcceptOne().Dispose();

        var error = await Assert.ThrowsAsync<IOException>(client.ReceiveAsync);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
    }

    [Theory]
    [InlineData(true, Errno.ECONNRESET)]
    [InlineData(false, Errno.None)]
    public void Close_InsideTheStack_IsAResetWhenSomethingHasNotBeenRead_WhateverLingerSays(bool isUnread, Errno seen)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(3000);
        var client = guest.Tcp();
        Assert.Equal(Errno.None, client.Connect(GuestSockets.At("127.0.0.1", 3000)));
        var connection = listener.AcceptOne();
        Assert.Equal(Errno.None, connection.SetOption(SocketOption.Linger, isUnread ? -1 : 0));
        client.SendText("question");
        _ = isUnread ? "" : connection.ReceiveText();

        connection.Dispose();

        Assert.Equal(seen, client.TryReceive(out var rest));
        Assert.Equal("", rest);
    }

    [Fact]
    public void TimeLimits_OfAListener_AreThoseOfWhatItAccepts()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var listener = guest.Listen(3000);
        Assert.Equal(Errno.None, listener.SetOption(SocketOption.ReceiveTimeout, 1_000_000));
        Assert.Equal(Errno.None, listener.SetOption(SocketOption.SendTimeout, 2_000_000));
        Assert.Equal(Errno.None, guest.Tcp().Connect(GuestSockets.At("127.0.0.1", 3000)));

        var connection = listener.AcceptOne();

        Assert.Equal(Errno.None, connection.GetOption(SocketOption.SendTimeout, out var send));
        Assert.Equal(2_000_000, send);
        Assert.Equal(Errno.EAGAIN, connection.TryReceive(out _));
    }

    /// <summary>As Linux has them, also where there is no kernel socket yet.</summary>
    [Theory]
    [InlineData(SocketOption.KeepAlive, 5, 1)]
    [InlineData(SocketOption.NoDelay, -1, 1)]
    [InlineData(SocketOption.DontRoute, 2, 1)]
    [InlineData(SocketOption.UrgentInline, -1, 1)]
    [InlineData(SocketOption.ReceiveLowWater, 0, 1)]
    [InlineData(SocketOption.ReceiveLowWater, -1, 4 << 20)]
    [InlineData(SocketOption.ReceiveBuffer, 1, 2304)]
    [InlineData(SocketOption.SendBuffer, 1, 4608)]
    [InlineData(SocketOption.ReceiveBuffer, -1, 8 << 20)]
    public void Value_IsBroughtWithinItsBounds(SocketOption option, long value, long expected)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Tcp();

        Assert.Equal(Errno.None, socket.SetOption(option, value));

        Assert.Equal(Errno.None, socket.GetOption(option, out var read));
        Assert.Equal(expected, read);
    }

    [Theory]
    [InlineData(SocketOption.KeepAliveIdle, 0)]
    [InlineData(SocketOption.KeepAliveInterval, 32768)]
    [InlineData(SocketOption.KeepAliveCount, 128)]
    public void ProbeOutOfRange_IsRefused(SocketOption option, long value)
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();

        Assert.Equal(Errno.EINVAL, guest.Tcp().SetOption(option, value));
    }

    [Fact]
    public void BufferSizes_AreBounded()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Tcp();

        Assert.Equal(Errno.None, socket.SetOption(SocketOption.ReceiveBuffer, long.MaxValue));

        Assert.Equal(Errno.None, socket.GetOption(SocketOption.ReceiveBuffer, out var size));
        Assert.InRange(size, 1, 16 << 20);
    }

    [Fact]
    public void ReceiveTimeout_EndsTheWait()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        Assert.Equal(Errno.None, guest.CreatePair(SocketKind.Stream, out var one, out _));
        Assert.Equal(Errno.None, one!.SetOption(SocketOption.ReceiveTimeout, 1_000_000));

        Assert.Equal(Errno.EAGAIN, one!.TryReceive(out _));
    }

    [Fact]
    public void Facts_CanBeReadAndNotSet()
    {
        using var stack = new TestStack();
        using var guest = stack.Add("web").CreateNamespace();
        var socket = guest.Listen(3000, SocketDomain.Inet6);

        Assert.Equal(Errno.None, socket.GetOption(SocketOption.AcceptsConnections, out var accepts));
        Assert.Equal(Errno.None, socket.GetOption(SocketOption.Kind, out var kind));
        Assert.Equal(Errno.None, socket.GetOption(SocketOption.Domain, out var domain));
        Assert.Equal((1, (long)SocketKind.Stream, (long)SocketDomain.Inet6), (accepts, kind, domain));
        Assert.Equal(Errno.ENOPROTOOPT, socket.SetOption(SocketOption.Kind, 1));
        Assert.Equal(Errno.EINVAL, socket.SetOption(SocketOption.OnlyVersion6, 1));
        Assert.Equal(Errno.ENOPROTOOPT, guest.Tcp().SetOption(SocketOption.OnlyVersion6, 1));
        Assert.Equal(Errno.EDOM, socket.SetOption(SocketOption.ReceiveTimeout, -1));
    }

    [Fact]
    public async Task AcceptedConnection_SendsWithoutDelay()
    {
        using var stack = new TestStack();
        var web = stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        using var guest = web.CreateNamespace();
        using var client = await HostClient.ConnectAsync(forward.HostPort);
        using var connection = guest.Listen(3000).AcceptOne();

        Assert.Equal(Errno.None, connection.GetOption(SocketOption.NoDelay, out var noDelay));
        Assert.Equal(1, noDelay);
    }
}
