using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Runtimes.Node.Engine;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>A socket of the guest, and what it is waiting for.</summary>
internal sealed class NetHandle(int number, VirtualSocket socket, QuickJs engine)
{
    private readonly SendQueue _unsent = new(engine);
    private readonly LastText _line = new();
    private readonly LastText _fields = new();
    private byte[] _gathered = [];
    private ReadOnlyMemory<byte> _unsentGathered;

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

    public long UnsentBytes => _unsentGathered.Length + _unsent.Bytes;

    /// <summary>Whether the guest's memory had no room for what was to be sent: nothing is sent any more, because something would be missing in it.</summary>
    public bool IsBroken { get; private set; }

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

    /// <summary>Sends what was gathered, and leaves for later what there is no room for.</summary>
    public Errno SendGathered()
    {
        var bytes = _gathered.AsMemory(0, GatheredBytes);
        GatheredBytes = 0;
        if (bytes.IsEmpty || IsClosed || IsBroken)
        {
            return Errno.None;
        }

        // Not kept in the guest's memory: that cannot be asked for at every time that this is called.
        var error = Send(bytes.Span, out var sent);
        _unsentGathered = error is Errno.None or Errno.EAGAIN ? bytes[sent..] : default;
        return error == Errno.EAGAIN ? Errno.None : error;
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
        var error = IsBroken ? Errno.ENOBUFS : Errno.None;
        while (error == Errno.None && !_unsentGathered.IsEmpty)
        {
            error = Send(_unsentGathered.Span, out var sent);
            _unsentGathered = _unsentGathered[sent..];
        }

        while (error == Errno.None && _unsent.Bytes > 0)
        {
            error = Send(_unsent.First, out var sent);
            _unsent.Drop(sent);
        }

        return error;
    }

    /// <summary>Closes the socket, and gives back what is kept for it.</summary>
    public void Close()
    {
        IsClosed = true;
        Socket.Dispose();
        _unsent.Clear();
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
        if (UnsentBytes == 0 && !IsConnecting && !IsBroken && Send(bytes, out sent) is var error and not (Errno.None or Errno.EAGAIN))
        {
            return error;
        }

        if (!IsBroken && !_unsent.TryAdd(bytes[sent..]))
        {
            // To be reset when it is closed: nobody is to take for whole what is not.
            IsBroken = true;
            _ = Socket.SetOption(SocketOption.Linger, 0);
        }

        return IsBroken ? Errno.ENOBUFS : Errno.None;
    }
}
