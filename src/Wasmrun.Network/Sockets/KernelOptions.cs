using System.Runtime.CompilerServices;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// The options of a socket that the kernel keeps. A guest sets them before there is a kernel socket, and on listening sockets
/// for what these accept; so they are kept here and given to each kernel socket when it comes.
/// </summary>
internal struct KernelOptions
{
    private const int Count = (int)SocketOption.ReceiveLowWater + 1;
    private const int Unset = int.MinValue;
    private const int MaxBuffer = 4 * 1024 * 1024;
    private const int DefaultBuffer = 212992;

    /// <summary>Half of what Linux lets a buffer shrink to: it doubles what it is given.</summary>
    private const int LeastReceiveBuffer = 1152;

    private const int LeastSendBuffer = 2304;

    /// <summary>The bounds of Linux for the times and the count of keep-alive probes.</summary>
    private const int MaxSeconds = 32767;

    private const int MaxProbes = 127;

    /// <summary>What Linux begins with, unless told otherwise: seconds, seconds and a number.</summary>
    private const int DefaultIdle = 7200;

    private const int DefaultInterval = 75;

    private const int DefaultProbes = 9;

    private Values _values;
    private bool _any;

    public static bool Includes(SocketOption option) => (int)option < Count;

    public void Clear()
    {
        _any = false;
        ((Span<int>)_values).Fill(Unset);
    }

    /// <summary>Keeps a value, and sets it where there is a kernel socket.</summary>
    public Errno Set(SocketOption option, long value, int descriptor, bool isTcp)
    {
        if (option is SocketOption.KeepAliveIdle or SocketOption.KeepAliveInterval && value is < 1 or > MaxSeconds
            || option == SocketOption.KeepAliveCount && value is < 1 or > MaxProbes)
        {
            return Errno.EINVAL;
        }

        var bounded = (int)(option switch
        {
            // What is negative is very large to a kernel.
            SocketOption.ReceiveBuffer => value < 0 ? MaxBuffer : Math.Clamp(value, LeastReceiveBuffer, MaxBuffer),
            SocketOption.SendBuffer => value < 0 ? MaxBuffer : Math.Clamp(value, LeastSendBuffer, MaxBuffer),
            SocketOption.ReceiveLowWater => value < 0 ? MaxBuffer : Math.Clamp(value, 1, MaxBuffer),
            SocketOption.NoDelay or SocketOption.KeepAlive or SocketOption.DontRoute or SocketOption.UrgentInline => value == 0 ? 0 : 1,
            _ => Math.Clamp(value, -1, int.MaxValue),
        });
        var error = descriptor >= 0 ? Apply(option, bounded, descriptor, isTcp) : Errno.None;
        if (error == Errno.None)
        {
            _values[(int)option] = bounded;
            _any = true;
        }

        return error;
    }

    /// <summary>What the kernel says, or what was set where it cannot be asked.</summary>
    public readonly long Get(SocketOption option, int descriptor, bool isTcp)
    {
        var value = _values[(int)option];
        if (descriptor >= 0 && option != SocketOption.Linger)
        {
            var (level, name) = Place(option);
            if ((isTcp || level == Libc.SolSocket) && KernelSocket.GetOption(descriptor, level, name, out var current) == Errno.None)
            {
                return current;
            }
        }

        return option switch
        {
            SocketOption.ReceiveBuffer or SocketOption.SendBuffer => value == Unset ? DefaultBuffer : value * 2L,
            SocketOption.Linger => value == Unset ? -1 : value,
            SocketOption.ReceiveLowWater => value == Unset ? 1 : value,
            SocketOption.KeepAliveIdle => value == Unset ? DefaultIdle : value,
            SocketOption.KeepAliveInterval => value == Unset ? DefaultInterval : value,
            SocketOption.KeepAliveCount => value == Unset ? DefaultProbes : value,
            _ => value == Unset ? 0 : value,
        };
    }

    /// <summary>How many bytes a receive in blocking mode waits for; the kernel is only asked where this was set.</summary>
    public readonly nuint LowWater(int descriptor) =>
        _values[(int)SocketOption.ReceiveLowWater] is Unset or 1 ? 1 : (nuint)Get(SocketOption.ReceiveLowWater, descriptor, isTcp: false);

    /// <summary>Gives everything that was set to a kernel socket.</summary>
    public readonly void ApplyTo(int descriptor, bool isTcp)
    {
        for (var i = 0; _any && i < Count; i++)
        {
            if (_values[i] != Unset)
            {
                _ = Apply((SocketOption)i, _values[i], descriptor, isTcp);
            }
        }
    }

    private static Errno Apply(SocketOption option, int value, int descriptor, bool isTcp)
    {
        if (option == SocketOption.Linger)
        {
            // A close that waits would keep an instance from being stopped; what is unsent goes on in the background instead.
            return KernelSocket.SetLinger(descriptor, value == 0 ? 0 : -1);
        }

        // Between services there is no TCP, and nothing to delay or to keep alive.
        var (level, name) = Place(option);
        return isTcp || level == Libc.SolSocket ? KernelSocket.SetOption(descriptor, level, name, value) : Errno.None;
    }

    private static (int Level, int Name) Place(SocketOption option) => option switch
    {
        SocketOption.NoDelay => (Libc.IpProtocolTcp, Libc.TcpNoDelay),
        SocketOption.KeepAlive => (Libc.SolSocket, Libc.SoKeepAlive),
        SocketOption.KeepAliveIdle => (Libc.IpProtocolTcp, Libc.TcpKeepIdle),
        SocketOption.KeepAliveInterval => (Libc.IpProtocolTcp, Libc.TcpKeepInterval),
        SocketOption.KeepAliveCount => (Libc.IpProtocolTcp, Libc.TcpKeepCount),
        SocketOption.ReceiveBuffer => (Libc.SolSocket, Libc.SoReceiveBuffer),
        SocketOption.SendBuffer => (Libc.SolSocket, Libc.SoSendBuffer),
        SocketOption.DontRoute => (Libc.SolSocket, Libc.SoDontRoute),
        SocketOption.UrgentInline => (Libc.SolSocket, Libc.SoOutOfBandInline),
        SocketOption.ReceiveLowWater => (Libc.SolSocket, Libc.SoReceiveLowWater),
        _ => throw new ArgumentOutOfRangeException(nameof(option), option, message: null),
    };

    [InlineArray(Count)]
    private struct Values
    {
        private int _first;
    }
}
