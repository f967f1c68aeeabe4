using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using SocketOption = Wasmrun.Network.Sockets.SocketOption;

namespace Wasmrun.Tests.Network;

/// <summary>How much a receive and a poll wait for, and where an urgent byte goes; all of it inherited from the listening socket.</summary>
public sealed class LowWaterTests : IDisposable
{
    private const long Soon = 50_000_000;

    private readonly TestStack _stack = new();
    private readonly NetworkNamespace _guest;
    private readonly VirtualSocket _listener;
    private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _port;

    public LowWaterTests()
    {
        var web = _stack.Add("web");
        var forward = TestStack.Forward(3000);
        web.SetForwards([forward]);
        _port = forward.HostPort;
        _guest = web.CreateNamespace();
        _listener = _guest.Listen(3000);
    }

    public void Dispose()
    {
        _client.Dispose();
        _guest.Dispose();
        _stack.Dispose();
    }

    [Theory]
    [InlineData(ReceiveFlags.None)]
    [InlineData(ReceiveFlags.Peek)]
    [InlineData(ReceiveFlags.WaitAll)]
    public void Receive_WaitsForTheMark_OrForTheTimeLimit(ReceiveFlags flags)
    {
        using var connection = Accept(SocketOption.ReceiveLowWater, 5);
        Assert.Equal(Errno.None, connection.SetOption(SocketOption.ReceiveTimeout, Soon));
        Send(connection, "abc");
        var watch = Stopwatch.StartNew();

        Assert.Equal("abc", connection.ReceiveShort(6, flags).Text);

        Assert.InRange(watch.ElapsedMilliseconds, Soon / 1_000_000, long.MaxValue);
        Assert.Equal(Errno.None, connection.GetOption(SocketOption.ReceiveLowWater, out var mark));
        Assert.Equal(5, mark);
    }

    [Theory]
    [InlineData(ReceiveFlags.None, 5)]
    [InlineData(ReceiveFlags.Peek, 5)]
    [InlineData(ReceiveFlags.WaitAll, 5)]
    [InlineData(ReceiveFlags.None, 100)]
    [InlineData(ReceiveFlags.WaitAll, 100)]
    public async Task Receive_EndsWithWhatReachesTheMark_OrFillsTheBuffer(ReceiveFlags flags, int mark)
    {
        using var connection = Accept(SocketOption.ReceiveLowWater, mark);
        Send(connection, "abc");
        var receive = Task.Run(() => connection.ReceiveShort(6, flags).Text, TestContext.Current.CancellationToken);

        _client.Send("def"u8);

        Assert.Equal("abcdef", await receive);
    }

    [Fact]
    public void Receive_GivesWhatIsThere_WhenTheStreamEnds_AndToWhoDoesNotWait()
    {
        using var connection = Accept(SocketOption.ReceiveLowWater, 100);
        Send(connection, "abc");
        connection.NonBlocking = true;
        Assert.Equal("abc", connection.ReceiveText());
        Assert.Equal(Errno.EAGAIN, connection.TryReceive(out _));
        connection.NonBlocking = false;
        Send(connection, "def");

        _client.Shutdown(SocketShutdown.Send);

        Assert.Equal("def", connection.ReceiveText());
        Assert.Equal("", connection.ReceiveText());
    }

    [Fact]
    public unsafe void ReceiveOfOnePiece_WaitsAsWell()
    {
        using var connection = Accept(SocketOption.ReceiveLowWater, 3);
        Assert.Equal(Errno.None, connection.SetOption(SocketOption.ReceiveTimeout, Soon));
        Send(connection, "ab");
        var watch = Stopwatch.StartNew();
        var bytes = stackalloc byte[8];

        Assert.Equal(Errno.None, connection.ReceivePiece(new((nint)bytes, 8), out var count));

        Assert.Equal((nuint)2, count);
        Assert.InRange(watch.ElapsedMilliseconds, Soon / 1_000_000, long.MaxValue);
    }

    [Fact]
    public void Poll_WaitsForTheMark()
    {
        using var connection = Accept(SocketOption.ReceiveLowWater, 5);
        using var set = new PollSet(_guest.Stop);
        Send(connection, "abc");
        connection.AddTo(set, PollEvents.Read);
        Assert.Equal(Errno.None, set.Wait(Soon));
        Assert.Equal(PollEvents.None, set.Ready(0));

        _client.Send("de"u8);

        Assert.Equal(Errno.None, set.Wait(-1));
        Assert.Equal(PollEvents.Read, set.Ready(0));
        Assert.Equal("abcde", connection.ReceiveText());
    }

    /// <summary>A Unix domain socket is readable from the first byte on, but a receive can go on by itself.</summary>
    [Fact]
    public async Task Receive_InsideTheStack_WaitsForTheMark()
    {
        Assert.Equal(Errno.None, _guest.CreatePair(SocketKind.Stream, out var one, out var other));
        Assert.Equal(Errno.None, one!.SetOption(SocketOption.ReceiveLowWater, 5));
        other!.SendText("abc");
        var receive = Task.Run(one!.ReceiveText, TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => one!.Available == 0, TimeSpan.FromSeconds(30)));

        other!.SendText("de");

        Assert.Equal("abcde", await receive);
    }

    [Theory]
    [InlineData(0, "ac")]
    [InlineData(1, "abc")]
    public void UrgentByte_IsLeftOutUnlessItIsWantedInline(int inline, string expected)
    {
        using var connection = Accept(SocketOption.UrgentInline, inline);
        _client.Send("a"u8);
        _client.Send("b"u8, SocketFlags.OutOfBand);
        _client.Send("c"u8);
        _client.Shutdown(SocketShutdown.Send);

        var text = new StringBuilder();
        while (connection.ReceiveText() is { Length: > 0 } received)
        {
            text.Append(received);
        }

        Assert.Equal(expected, text.ToString());
    }

    /// <summary>Connects a client of the forward, with an option set at the listening socket.</summary>
    private VirtualSocket Accept(SocketOption option, int value)
    {
        Assert.Equal(Errno.None, _listener.SetOption(option, value));
        _client.Connect(IPAddress.Loopback, _port);
        var connection = _listener.AcceptOne();
        connection.NonBlocking = false;
        return connection;
    }

    private void Send(VirtualSocket connection, string text)
    {
        _client.Send(Encoding.UTF8.GetBytes(text));
        Assert.True(SpinWait.SpinUntil(() => connection.Available == text.Length, TimeSpan.FromSeconds(30)));
    }
}
