using System.Text;
using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>
/// What <c>net</c> and <c>dns</c> call: sockets that never block, whose data goes from the engine's memory straight to the kernel.
/// </summary>
internal sealed class NetFunctions(DrivenGuest guest, NetHandles handles, NameResolver names, Outbox outbox)
{
    private const int Backlog = 4096;

    public void Register(HostTable table)
    {
        table.AddLasting("netListen", Listen);
        table.AddLasting("netConnect", Connect);
        table.Add("netWrite", Write);
        table.Add("netRespond", Respond);
        table.Add("netWritten", (in HostCall call) => JsValue.From(handles.TryGet(call.Int(0), out var handle) ? (double)handle.WrittenBytes : 0));
        table.Add("netReceived", (in HostCall call) => JsValue.From(handles.TryGet(call.Int(0), out var handle) ? (double)handle.ReadBytes : 0));
        table.Add("netRead", Read);
        table.Add("netEnd", End);
        table.Add("netClose", Close);
        table.Add("netAddress", Address);
        table.Add("netOption", (in HostCall call) =>
        {
            _ = handles.TryGet(call.Int(0), out var handle) ? handle.Socket.SetOption((SocketOption)call.Int(1), call.Int(2)) : Errno.EBADF;
            return JsValue.Undefined;
        });
        table.AddLasting("netResolve", Resolve);
    }

    private JsValue Listen(in HostCall call)
    {
        if (!handles.HasRoom)
        {
            throw new HostErrorException(Errno.EMFILE, "listen");
        }

        var host = call.Text(0);
        var domain = SocketDomain.Inet6;
        var address = InetAddress.Any6;
        if (host.Length > 0)
        {
            address = names.Resolve(host, "listen")[0];
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

        return JsValue.From(handles.Add(socket, isListening: true).Number);
    }

    /// <summary>Begins to connect. What comes of it is always told by an event, even when it is known at once.</summary>
    private JsValue Connect(in HostCall call)
    {
        if (!handles.HasRoom)
        {
            throw new HostErrorException(Errno.EMFILE, "connect");
        }

        var error = Errno.ENOENT;
        var port = (ushort)call.Int(1);
        foreach (var address in names.Resolve(call.Text(0), "connect", port))
        {
            HostErrorException.ThrowIf(guest.Network.CreateSocket(address.Domain, SocketKind.Stream, out var socket), "connect");
            socket!.NonBlocking = true;
            error = socket.Connect(new(address, port));
            if (error is Errno.None or Errno.EINPROGRESS)
            {
                var handle = handles.Add(socket, isListening: false);
                handle.IsConnecting = true;
                return JsValue.From(handle.Number);
            }

            socket.Dispose();
        }

        throw new HostErrorException(error, "connect");
    }

    /// <summary>
    /// Sends up to two pieces, strings or bytes, in one go, a string before bytes as latin1; answers how many bytes had to be kept, or -1 when it is over.
    /// A fourth argument says how the second piece is framed; with it, short pieces may wait for others.
    /// </summary>
    private JsValue Write(in HostCall call)
    {
        if (!handles.TryGet(call.Int(0), out var handle))
        {
            return JsValue.From(-1);
        }

        var engine = call.Engine;
        var first = Open(engine, call[1], out var firstText);
        var second = Open(engine, call[2], out var secondText);
        if (call[1].IsString && call[2].IsObject && !Ascii.IsValid(first))
        {
            first = Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(first));
        }

        var writer = new MessageWriter(engine, engine.Slice(engine.Scratch, QuickJs.ScratchBytes));
        var error = Errno.None;
        if (first.Length + MessageWriter.MostFramingBytes > QuickJs.ScratchBytes || !writer.TryWrite(first))
        {
            error = handle.Write(first);
            handle.WrittenBytes += first.Length;
        }

        error = error == Errno.None ? Send(handle, writer, second, (Framing)call.Int(3), mayWait: !call[3].IsNullish) : error;
        Close(engine, firstText);
        Close(engine, secondText);
        return Kept(handle, error);
    }

    /// <summary>
    /// Sends a head out of its parts (its first line, its fields, its last lines) and a body, framed as the last argument says, in one go; answers as <see cref="Write"/>
    /// does, or -2 when something in the head is neither a text of ASCII nor a whole number: nothing was sent then.
    /// </summary>
    private JsValue Respond(in HostCall call)
    {
        if (!handles.TryGet(call.Int(0), out var handle))
        {
            return JsValue.From(-1);
        }

        var engine = call.Engine;
        var framing = (Framing)call.Int(5);
        var body = Open(engine, call[4], out var text);
        var writer = new MessageWriter(engine, engine.Slice(engine.Scratch, QuickJs.ScratchBytes));
        var isPlain = writer.TryWrite(call[1]) && writer.TryWriteFields(call[2]) && writer.TryWrite(call[3])
            && (framing == Framing.Counted || writer.TryWrite("\r\n"u8)) && writer.Length + MessageWriter.MostFramingBytes <= QuickJs.ScratchBytes;
        var error = isPlain ? Send(handle, writer, body, framing, mayWait: true) : Errno.None;
        Close(engine, text);
        return isPlain ? Kept(handle, error) : JsValue.From(-2);
    }

    private static JsValue Kept(NetHandle handle, Errno error) => JsValue.From(error switch
    {
        Errno.None => (double)handle.UnsentBytes,
        Errno.ENOBUFS => -3,
        _ => -1,
    });

    /// <summary>Sends what is written and a body after it, as one packet where there is room for that.</summary>
    private Errno Send(NetHandle handle, MessageWriter writer, ReadOnlySpan<byte> body, Framing framing, bool mayWait)
    {
        if (body.IsEmpty && framing != Framing.Counted)
        {
            handle.WrittenBytes += writer.Length;
            return Send(handle, writer.Written, mayWait);
        }

        writer.Begin(framing, body.Length);
        var error = Errno.None;
        if (!writer.TryWrite(body))
        {
            error = handle.Write(writer.Written);
            error = error == Errno.None ? handle.Write(body) : error;
            handle.WrittenBytes += writer.Length + body.Length;
            writer.Clear();
        }

        writer.End(framing);
        handle.WrittenBytes += writer.Length;
        return error == Errno.None ? Send(handle, writer.Written, mayWait) : error;
    }

    private Errno Send(NetHandle handle, ReadOnlySpan<byte> bytes, bool mayWait) => mayWait && outbox.TryPut(handle, bytes) ? Errno.None : handle.Write(bytes);

    private static ReadOnlySpan<byte> Open(QuickJs engine, JsValue value, out uint text)
    {
        text = 0;
        if (engine.TryReadAscii(value, out var ascii))
        {
            return ascii;
        }

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

    /// <summary>Says whether data is wanted and, with a third argument, whether heads of HTTP requests are told as such.</summary>
    private JsValue Read(in HostCall call)
    {
        if (handles.TryGet(call.Int(0), out var handle))
        {
            handle.IsReading = call.Flag(1);
            handle.TakesHeads = call.Count > 2 ? call.Flag(2) : handle.TakesHeads;
        }

        return JsValue.Undefined;
    }

    private JsValue End(in HostCall call)
    {
        if (handles.TryGet(call.Int(0), out var handle))
        {
            handle.EndsWhenSent = true;
            _ = handle.SendGathered();
            if (handle.UnsentBytes == 0 && !handle.IsConnecting && !handle.IsBroken)
            {
                _ = handle.Socket.Shutdown(SocketDirections.Send);
            }
        }

        return JsValue.Undefined;
    }

    /// <summary>Closes a handle; with a second argument only after everything has been sent.</summary>
    private JsValue Close(in HostCall call)
    {
        if (handles.TryGet(call.Int(0), out var handle))
        {
            _ = handle.SendGathered();
            if (call.Flag(1) && handle.UnsentBytes > 0)
            {
                handle.ClosesWhenSent = true;
                handle.IsReading = false;
            }
            else
            {
                handles.Remove(handle);
            }
        }

        return JsValue.Undefined;
    }

    /// <summary>"address port family" of an end: 0 its own, 1 its peer's.</summary>
    private JsValue Address(in HostCall call)
    {
        if (!handles.TryGet(call.Int(0), out var handle))
        {
            return JsValue.Undefined;
        }

        var endPoint = handle.Socket.LocalEndPoint;
        if (call.Flag(1) && handle.Socket.GetPeer(out endPoint) != Errno.None)
        {
            return JsValue.Undefined;
        }

        return call.Engine.NewText(TextOf(endPoint));
    }

    /// <summary>"address port family".</summary>
    public static string TextOf(InetEndPoint endPoint) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{endPoint.Address} {endPoint.Port} {(endPoint.Address.Domain == SocketDomain.Inet4 ? "IPv4" : "IPv6")}");

    private JsValue Resolve(in HostCall call) =>
        call.Engine.NewText(string.Join(' ', names.Resolve(call.Text(0), "getaddrinfo").Select(address => address.ToString())));
}
