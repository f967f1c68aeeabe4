using System.Text;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>The guest's sockets by their numbers, and what the network brings to each of them.</summary>
internal sealed class NetHandles(DrivenGuest guest, QuickJs engine, Outbox outbox)
{
    private const int AcceptsInARow = 64;
    private const int DatagramsInARow = 64;
    private const uint ReceiveBytes = 65536;
    private const int MostHeadBytes = 8192;

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    private readonly Dictionary<int, NetHandle> _handles = [];
    private readonly List<NetHandle> _polled = [];
    private int _last;

    /// <summary>Brings an event to the handle of this number. The values belong to who is told.</summary>
    public delegate void Teller(NetEvent kind, int handle, JsValue data, JsValue more = default);

    /// <summary>Whether the guest may have one more socket or file.</summary>
    public bool HasRoom => _handles.Count + guest.Files.OpenDescriptors < guest.Options.Limits.Descriptors;

    public bool TryGet(int number, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out NetHandle? handle) => _handles.TryGetValue(number, out handle);

    public NetHandle Add(VirtualSocket socket, bool isListening) => Add(new NetHandle(++_last, socket, engine) { IsListening = isListening });

    public NetHandle AddDatagrams(VirtualSocket socket) => Add(new NetHandle(++_last, socket, engine) { IsDatagram = true });

    public void Remove(NetHandle handle)
    {
        _handles.Remove(handle.Number);
        handle.Close();
    }

    /// <summary>Adds every socket that something is waited for on.</summary>
    public void AddTo(PollSet set)
    {
        _polled.Clear();
        foreach (var handle in _handles.Values)
        {
            var wanted = handle.IsListening && !HasRoom ? PollEvents.None : handle.Wanted;
            if (wanted != PollEvents.None || handle.IsBroken)
            {
                handle.PollIndex = handle.IsBroken ? set.AddReady(PollEvents.Error) : handle.Socket.AddTo(set, wanted);
                _polled.Add(handle);
            }
        }
    }

    /// <summary>Tells what the last wait has found.</summary>
    public void Fire(PollSet set, Teller tell)
    {
        foreach (var handle in _polled)
        {
            var ready = set.Ready(handle.PollIndex);
            if (ready != PollEvents.None && !handle.IsClosed)
            {
                outbox.SendOverdue();
                Handle(handle, ready, tell);
            }
        }

        outbox.Send();
    }

    private NetHandle Add(NetHandle handle)
    {
        handle.Socket.NonBlocking = true;
        _handles.Add(handle.Number, handle);
        return handle;
    }

    private void Handle(NetHandle handle, PollEvents ready, Teller tell)
    {
        if (handle.IsDatagram)
        {
            ReceiveDatagrams(handle, tell);
            return;
        }

        if (handle.IsListening)
        {
            Accept(handle, tell);
            return;
        }

        if (handle.IsConnecting)
        {
            FinishConnect(handle, tell);
            return;
        }

        if ((handle.UnsentBytes > 0 || handle.IsBroken) && (ready & (PollEvents.Write | PollEvents.Error | PollEvents.HangUp)) != PollEvents.None)
        {
            Flush(handle, tell);
        }

        if (!handle.IsClosed && handle.IsReading && !handle.HasEnded && (ready & ~PollEvents.Write) != PollEvents.None)
        {
            Receive(handle, tell);
        }
    }

    private void Accept(NetHandle listener, Teller tell)
    {
        for (var count = 0; count < AcceptsInARow && HasRoom && !listener.IsClosed; count++)
        {
            if (listener.Socket.Accept(out var connection) != Errno.None)
            {
                return;
            }

            var handle = Add(connection!, isListening: false);
            tell(NetEvent.Accepted, listener.Number, JsValue.From(handle.Number));
        }
    }

    private static void FinishConnect(NetHandle handle, Teller tell)
    {
        // Asking for the peer is what takes the result of a connection that was under way.
        var connected = handle.Socket.GetPeer(out _) == Errno.None;
        handle.IsConnecting = false;
        var error = connected ? Errno.None : handle.Socket.TakeError();
        Tell(handle, connected ? Errno.None : error == Errno.None ? Errno.ECONNREFUSED : error, tell);
    }

    private static void Tell(NetHandle handle, Errno error, Teller tell) =>
        tell(NetEvent.Connected, handle.Number, JsValue.From((int)error));

    private void Flush(NetHandle handle, Teller tell)
    {
        var error = handle.Flush();
        if (error is not (Errno.None or Errno.EAGAIN))
        {
            Fail(handle, error, tell);
        }
        else if (handle.UnsentBytes == 0)
        {
            if (handle.ClosesWhenSent)
            {
                Remove(handle);
                return;
            }

            if (handle.EndsWhenSent)
            {
                _ = handle.Socket.Shutdown(SocketDirections.Send);
            }

            tell(NetEvent.Drained, handle.Number, JsValue.Undefined);
        }
    }

    private void ReceiveDatagrams(NetHandle handle, Teller tell)
    {
        for (var count = 0; count < DatagramsInARow && handle is { IsClosed: false, IsReading: true }; count++)
        {
            var error = handle.ReceiveDatagram(engine.Slice(engine.Scratch, ReceiveBytes), out var length);
            if (error == Errno.EAGAIN)
            {
                return;
            }

            tell(
                error == Errno.None ? NetEvent.Datagram : NetEvent.Failed,
                handle.Number,
                error == Errno.None ? engine.NewBytes(engine.Scratch, (uint)length) : engine.NewText(error.ToString()));
        }
    }

    private void Receive(NetHandle handle, Teller tell)
    {
        var error = handle.Receive(engine.Slice(engine.Scratch, ReceiveBytes), out var count);
        if (error == Errno.None && count > 0)
        {
            if (handle.TakesHeads && IsHead(engine.Slice(engine.Scratch, (uint)count)))
            {
                TellHead(handle, (uint)count, tell);
            }
            else
            {
                tell(NetEvent.Data, handle.Number, engine.NewBytes(engine.Scratch, (uint)count));
            }
        }
        else if (error == Errno.None)
        {
            handle.HasEnded = true;
            tell(NetEvent.End, handle.Number, JsValue.Undefined);
        }
        else if (error != Errno.EAGAIN)
        {
            Fail(handle, error, tell);
        }
    }

    /// <summary>Whether it looks like one head and nothing else: most of what a server is sent is that, and as text it is cheaper to read.</summary>
    private static bool IsHead(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MostHeadBytes && char.IsAsciiLetter((char)bytes[0]) && bytes.IndexOf(HeadEnd) == bytes.Length - HeadEnd.Length && Ascii.IsValid(bytes);

    private void TellHead(NetHandle handle, uint count, Teller tell)
    {
        var bytes = engine.Slice(engine.Scratch, count);
        var line = bytes[..bytes.IndexOf(LineEnd)];
        var fields = bytes[Math.Min(line.Length + LineEnd.Length, bytes.Length - HeadEnd.Length)..^HeadEnd.Length];
        var hasLine = handle.HasLine(line);
        var hasFields = handle.HasFields(fields);
        var place = engine.Scratch + count - (uint)(HeadEnd.Length + fields.Length);
        tell(
            NetEvent.Head,
            handle.Number,
            hasLine ? JsValue.Undefined : engine.NewText(engine.Scratch, (uint)line.Length),
            hasFields ? JsValue.Undefined : engine.NewText(place, (uint)fields.Length));
    }

    private void Fail(NetHandle handle, Errno error, Teller tell)
    {
        handle.HasEnded = true;
        if (handle.ClosesWhenSent)
        {
            Remove(handle);
            return;
        }

        tell(NetEvent.Failed, handle.Number, engine.NewText(error.ToString()));
    }
}
