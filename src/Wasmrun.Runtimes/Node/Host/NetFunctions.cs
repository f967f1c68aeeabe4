using System.Text;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// The guest's sockets, none of which ever blocks: data goes from the kernel through the engine's memory and back, and one poll
/// of the loop waits for all of them, for the timers, and for the instance's stop signal.
/// </summary>
internal sealed class NetFunctions(DrivenGuest guest)
{
    private const int Backlog = 4096;
    private const int AcceptsInARow = 64;
    private const int MaxAddresses = 16;
    private const uint ReceiveBytes = 65536;

    private readonly Dictionary<int, NetHandle> _handles = [];
    private readonly List<NetHandle> _polled = [];
    private readonly PollSet _pollSet = new(guest.Network.Stop);
    private QuickJs? _engine;
    private int _last;

    /// <summary>Brings an event to the handle of this number. The value belongs to who is told.</summary>
    public delegate void Teller(NetEvent kind, int handle, JsValue data);

    private bool HasRoom => _handles.Count < guest.Options.Limits.Descriptors;

    public void Register(HostTable table)
    {
        table.Add("netListen", Listen);
        table.Add("netConnect", Connect);
        table.Add("netWrite", Write);
        table.Add("netRead", Read);
        table.Add("netEnd", End);
        table.Add("netClose", Close);
        table.Add("netAddress", Address);
        table.Add("netOption", (in HostCall call) =>
        {
            _ = _handles.TryGetValue(call.Int(0), out var handle) ? handle.Socket.SetOption((SocketOption)call.Int(1), call.Int(2)) : Errno.EBADF;
            return JsValue.Undefined;
        });
        table.Add("netResolve", Resolve);
    }

    /// <summary>Waits until something happens or the time is over, and tells what it was.</summary>
    /// <param name="timeoutNanoseconds">Negative waits for ever.</param>
    public void Poll(long timeoutNanoseconds, Teller tell)
    {
        _pollSet.Clear();
        _polled.Clear();
        foreach (var handle in _handles.Values)
        {
            var wanted = handle.IsListening && !HasRoom ? PollEvents.None : handle.Wanted;
            if (wanted != PollEvents.None)
            {
                handle.PollIndex = handle.Socket.AddTo(_pollSet, wanted);
                _polled.Add(handle);
            }
        }

        _ = _pollSet.Wait(timeoutNanoseconds);
        foreach (var handle in _polled)
        {
            var ready = _pollSet.Ready(handle.PollIndex);
            if (ready != PollEvents.None && !handle.IsClosed)
            {
                Handle(handle, ready, tell);
            }
        }
    }

    private void Handle(NetHandle handle, PollEvents ready, Teller tell)
    {
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

        if (handle.UnsentBytes > 0 && (ready & (PollEvents.Write | PollEvents.Error | PollEvents.HangUp)) != PollEvents.None)
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

    private void Receive(NetHandle handle, Teller tell)
    {
        var engine = _engine!;
        var error = handle.Receive(engine.Slice(engine.Scratch, ReceiveBytes), out var count);
        if (error == Errno.None && count > 0)
        {
            tell(NetEvent.Data, handle.Number, engine.NewBytes(engine.Scratch, (uint)count));
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

    private void Fail(NetHandle handle, Errno error, Teller tell)
    {
        handle.HasEnded = true;
        if (handle.ClosesWhenSent)
        {
            Remove(handle);
            return;
        }

        tell(NetEvent.Failed, handle.Number, _engine!.NewText(error.ToString()));
    }

    private JsValue Listen(in HostCall call)
    {
        _engine = call.Engine;
        var host = call.Text(0);
        var domain = SocketDomain.Inet6;
        var address = InetAddress.Any6;
        if (host.Length > 0)
        {
            address = ResolveAll(host, "listen")[0];
            domain = address.Domain;
        }

        HostErrorException.ThrowIf(guest.Network.CreateSocket(domain, SocketKind.Stream, out var socket), "listen");
        socket!.NonBlocking = true;
        _ = socket.SetOption(SocketOption.ReuseAddress, 1);
        var error = socket.Bind(new(address, (ushort)call.Int(1)));
        error = error == Errno.None ? socket.Listen(Backlog) : error;
        if (error != Errno.None)
        {
            socket.Dispose();
            throw new HostErrorException(error, "listen");
        }

        return JsValue.From(Add(socket, isListening: true).Number);
    }

    /// <summary>Begins to connect. What comes of it is always told by an event, even when it is known at once.</summary>
    private JsValue Connect(in HostCall call)
    {
        _engine = call.Engine;
        if (!HasRoom)
        {
            throw new HostErrorException(Errno.EMFILE, "connect");
        }

        var error = Errno.ENOENT;
        foreach (var address in ResolveAll(call.Text(0), "connect"))
        {
            HostErrorException.ThrowIf(guest.Network.CreateSocket(address.Domain, SocketKind.Stream, out var socket), "connect");
            socket!.NonBlocking = true;
            error = socket.Connect(new(address, (ushort)call.Int(1)));
            if (error is Errno.None or Errno.EINPROGRESS)
            {
                var handle = Add(socket, isListening: false);
                handle.IsConnecting = true;
                return JsValue.From(handle.Number);
            }

            socket.Dispose();
        }

        throw new HostErrorException(error, "connect");
    }

    /// <summary>Sends up to two pieces, strings or bytes, in one go; answers how many bytes had to be kept, or -1 when it is over.</summary>
    private JsValue Write(in HostCall call)
    {
        if (!_handles.TryGetValue(call.Int(0), out var handle))
        {
            return JsValue.From(-1);
        }

        var engine = call.Engine;
        var first = Open(engine, call[1], out var firstText);
        var second = Open(engine, call[2], out var secondText);
        var error = Errno.None;
        if (!second.IsEmpty && first.Length + second.Length <= QuickJs.ScratchBytes)
        {
            // One packet for a head and its body.
            var joined = engine.Slice(engine.Scratch, (uint)(first.Length + second.Length));
            first.CopyTo(joined);
            second.CopyTo(joined[first.Length..]);
            error = Send(handle, joined);
        }
        else
        {
            error = Send(handle, first);
            error = error == Errno.None ? Send(handle, second) : error;
        }

        Close(engine, firstText);
        Close(engine, secondText);
        return JsValue.From(error == Errno.None ? handle.UnsentBytes : -1);
    }

    private static Errno Send(NetHandle handle, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return Errno.None;
        }

        var sent = 0;
        if (handle.UnsentBytes == 0 && !handle.IsConnecting && handle.Send(bytes, out sent) is var error and not (Errno.None or Errno.EAGAIN))
        {
            return error;
        }

        if (sent < bytes.Length)
        {
            handle.Keep(bytes[sent..]);
        }

        return Errno.None;
    }

    private static ReadOnlySpan<byte> Open(QuickJs engine, JsValue value, out uint text)
    {
        text = 0;
        if (!value.IsString)
        {
            return engine.BytesOf(value);
        }

        text = engine.OpenText(value, out var length);
        return engine.Slice(text, length);
    }

    private static void Close(QuickJs engine, uint text)
    {
        if (text != 0)
        {
            engine.CloseText(text);
        }
    }

    private JsValue Read(in HostCall call)
    {
        if (_handles.TryGetValue(call.Int(0), out var handle))
        {
            handle.IsReading = call.Flag(1);
        }

        return JsValue.Undefined;
    }

    private JsValue End(in HostCall call)
    {
        if (_handles.TryGetValue(call.Int(0), out var handle))
        {
            handle.EndsWhenSent = true;
            if (handle.UnsentBytes == 0 && !handle.IsConnecting)
            {
                _ = handle.Socket.Shutdown(SocketDirections.Send);
            }
        }

        return JsValue.Undefined;
    }

    /// <summary>Closes a handle; with a second argument only after everything has been sent.</summary>
    private JsValue Close(in HostCall call)
    {
        if (_handles.TryGetValue(call.Int(0), out var handle))
        {
            if (call.Flag(1) && handle.UnsentBytes > 0)
            {
                handle.ClosesWhenSent = true;
                handle.IsReading = false;
            }
            else
            {
                Remove(handle);
            }
        }

        return JsValue.Undefined;
    }

    /// <summary>"address port family" of an end: 0 its own, 1 its peer's.</summary>
    private JsValue Address(in HostCall call)
    {
        if (!_handles.TryGetValue(call.Int(0), out var handle))
        {
            return JsValue.Undefined;
        }

        var endPoint = handle.Socket.LocalEndPoint;
        if (call.Flag(1) && handle.Socket.GetPeer(out endPoint) != Errno.None)
        {
            return JsValue.Undefined;
        }

        var family = endPoint.Address.Domain == SocketDomain.Inet4 ? "IPv4" : "IPv6";
        return call.Engine.NewText(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{endPoint.Address} {endPoint.Port} {family}"));
    }

    private JsValue Resolve(in HostCall call) =>
        call.Engine.NewText(string.Join(' ', ResolveAll(call.Text(0), "getaddrinfo").Select(address => address.ToString())));

    private InetAddress[] ResolveAll(string host, string call)
    {
        var addresses = new InetAddress[MaxAddresses];
        var error = guest.Network.Resolve(Encoding.UTF8.GetBytes(host), addresses, out var count);
        return error == Errno.None && count > 0
            ? addresses[..count]
            : throw new HostErrorException(
                error == Errno.EACCES ? "EACCES" : "ENOTFOUND",
                $"{(error == Errno.EACCES ? $"{call} EACCES (the service's egress does not list it)" : "getaddrinfo ENOTFOUND")} {host}");
    }

    private NetHandle Add(VirtualSocket socket, bool isListening)
    {
        socket.NonBlocking = true;
        var handle = new NetHandle(++_last, socket) { IsListening = isListening };
        _handles.Add(handle.Number, handle);
        return handle;
    }

    private void Remove(NetHandle handle)
    {
        handle.IsClosed = true;
        _handles.Remove(handle.Number);
        handle.Socket.Dispose();
    }
}
