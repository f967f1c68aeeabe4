using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>A socket of the guest, and what it is waiting for.</summary>
internal sealed class NetHandle(int number, VirtualSocket socket)
{
    private readonly Queue<ReadOnlyMemory<byte>> _unsent = new();
    private readonly LastText _line = new();
    private readonly LastText _fields = new();
    private byte[] _gathered = [];

    public int Number { get; } = number;

    public VirtualSocket Socket { get; } = socket;

    public bool IsListening { get; init; }

    public bool IsDatagram { get; init; }

    /// <summary>Who has sent the datagram that was received last.</summary>
    public InetEndPoint Sender { get; private set; }

    public bool IsConnecting { get; set; }

    /// <summary>Whether the guest wants data.</summary>
    public bool IsReading { get; set; }

    /// <summary>Whether heads of HTTP requests are told as such.</summary>
    public bool TakesHeads { get; set; }

    public bool HasEnded { get; set; }

    public bool IsClosed { get; set; }

    public bool EndsWhenSent { get; set; }

    public bool ClosesWhenSent { get; set; }

    public int UnsentBytes { get; private set; }

    /// <summary>Bytes that wait in the <see cref="Outbox"/>, and go before all others.</summary>
    public int GatheredBytes { get; private set; }

    /// <summary>Bytes that the guest has given to be sent.</summary>
    public long WrittenBytes { get; set; }

    /// <summary>Bytes that have come in.</summary>
    public long ReadBytes { get; private set; }

    /// <summary>Where it is in the poll set, negative when it is not.</summary>
    public int PollIndex { get; set; } = -1;

    public PollEvents Wanted =>
        (IsListening || (IsReading && !HasEnded && !IsConnecting) ? PollEvents.Read : PollEvents.None)
        | (UnsentBytes > 0 || IsConnecting ? PollEvents.Write : PollEvents.None);

    /// <summary>Keeps bytes until <see cref="SendGathered"/>.</summary>
    public void Gather(ReadOnlySpan<byte> bytes)
    {
        var length = GatheredBytes + bytes.Length;
        if (length > _gathered.Length)
        {
            Array.Resize(ref _gathered, Math.Max(length, _gathered.Length * 2));
        }

        bytes.CopyTo(_gathered.AsSpan(GatheredBytes));
        GatheredBytes = length;
    }

    /// <summary>Sends what was gathered, and keeps what there is no room for.</summary>
    public Errno SendGathered()
    {
        var count = GatheredBytes;
        GatheredBytes = 0;
        return count == 0 || IsClosed ? Errno.None : SendOrKeep(_gathered.AsSpan(0, count));
    }

    /// <summary>Sends after all that was to be sent before, and keeps what there is no room for.</summary>
    public Errno Write(ReadOnlySpan<byte> bytes)
    {
        var error = SendGathered();
        return error == Errno.None && !bytes.IsEmpty ? SendOrKeep(bytes) : error;
    }

    /// <summary>Sends what is kept, as far as there is room.</summary>
    public Errno Flush()
    {
        while (_unsent.TryPeek(out var bytes))
        {
            var error = Send(bytes.Span, out var sent);
            if (error != Errno.None)
            {
                return error;
            }

            UnsentBytes -= sent;
            _unsent.Dequeue();
            if (sent < bytes.Length)
            {
                PutBack(bytes[sent..]);
            }
        }

        return Errno.None;
    }

    /// <summary>Sends as much as there is room for.</summary>
    private unsafe Errno Send(ReadOnlySpan<byte> bytes, out int sent)
    {
        fixed (byte* start = bytes)
        {
            var error = Socket.SendPiece(new((nint)start, (nuint)bytes.Length), out var count);
            sent = (int)count;
            return error;
        }
    }

    public unsafe Errno Receive(Span<byte> buffer, out int received)
    {
        fixed (byte* start = buffer)
        {
            var error = Socket.ReceivePiece(new((nint)start, (nuint)buffer.Length), out var count);
            received = (int)count;
            ReadBytes += received;
            return error;
        }
    }

    /// <summary>Whether the first line of a head is that of the head before.</summary>
    public bool HasLine(ReadOnlySpan<byte> line) => _line.Is(line);

    /// <summary>Whether the lines after it are.</summary>
    public bool HasFields(ReadOnlySpan<byte> fields) => _fields.Is(fields);

    /// <summary>Receives one datagram.</summary>
    public unsafe Errno ReceiveDatagram(Span<byte> buffer, out int received)
    {
        fixed (byte* start = buffer)
        {
            var vector = new IoVector((nint)start, (nuint)buffer.Length);
            var error = Socket.ReceiveFrom(new(in vector), ReceiveFlags.None, out var count, out _, out var sender);
            received = (int)count;
            Sender = sender;
            return error;
        }
    }

    private Errno SendOrKeep(ReadOnlySpan<byte> bytes)
    {
        var sent = 0;
        if (UnsentBytes == 0 && !IsConnecting && Send(bytes, out sent) is var error and not (Errno.None or Errno.EAGAIN))
        {
            return error;
        }

        if (sent < bytes.Length)
        {
            _unsent.Enqueue(bytes[sent..].ToArray());
            UnsentBytes += bytes.Length - sent;
        }

        return Errno.None;
    }

    private void PutBack(ReadOnlyMemory<byte> rest)
    {
        var others = _unsent.ToArray();
        _unsent.Clear();
        _unsent.Enqueue(rest);
        foreach (var other in others)
        {
            _unsent.Enqueue(other);
        }
    }
}
