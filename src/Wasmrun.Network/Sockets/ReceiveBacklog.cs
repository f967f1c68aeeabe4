using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <summary>
/// Whether a receiver who takes full buffers from a TCP connection is behind its sender: Linux tells with a receive how much is left (TCP_INQ), and where that is
/// as much again, the next receive needs no question before it. Who keeps up with the sender goes on asking: sooner done it would only sleep more often, which costs both more than it saves.
/// </summary>
internal unsafe struct ReceiveBacklog
{
    /// <summary>Bytes in a buffer that make all of this worth it.</summary>
    public const int LeastPiece = 16 * 1024;

    /// <summary>How many full buffers are received without being told, at most, after one that left little.</summary>
    private const int MostPassed = 63;

    private Support _support;
    private int _passed;
    private int _toPass;

    private enum Support
    {
        Untried,
        Given,
        Missing,
    }

    /// <summary>Whether the next receive is to be <see cref="Receive"/>.</summary>
    public bool IsTold { get; private set; }

    /// <summary>Whether the last receive left at least as much as it took.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>A full buffer was received without being told what is left.</summary>
    public void Filled(int descriptor)
    {
        if (_passed < _toPass)
        {
            _passed++;
            return;
        }

        if (_support == Support.Untried)
        {
            _support = KernelSocket.SetOption(descriptor, Libc.IpProtocolTcp, Libc.TcpInq, 1) == Errno.None ? Support.Given : Support.Missing;
        }

        IsTold = _support == Support.Given;
    }

    /// <summary>Receives what is there, without waiting for it, and is told what is left.</summary>
    /// <returns>The number of bytes, 0 for the end of the stream, or an <see cref="Errno"/>, negated.</returns>
    public nint Receive(int descriptor, IoVector buffer)
    {
        var left = default(Libc.ControlNumber);
        var message = new Libc.MessageHeader { Vectors = &buffer, VectorCount = 1, Control = &left, ControlLength = (nuint)sizeof(Libc.ControlNumber) };
        var received = SystemCall.ReceiveMessage(descriptor, &message);
        IsTold = IsBehind = received >= LeastPiece && left.Level == Libc.IpProtocolTcp && left.Type == Libc.TcpInq && left.Number >= received;
        _toPass = IsBehind ? 0 : Math.Min((_toPass * 2) + 1, MostPassed);
        _passed = 0;
        return received;
    }

    /// <summary>Something else was received, or the socket has become another one.</summary>
    public void Forget() => this = default;
}
