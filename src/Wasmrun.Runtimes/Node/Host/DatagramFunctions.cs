using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;
using Wasmrun.Runtimes.Node.Engine;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Host;

/// <summary>What <c>dgram</c> calls, beside what <see cref="NetFunctions"/> has for sockets of every kind.</summary>
internal sealed class DatagramFunctions(DrivenGuest guest, NetHandles handles, NameResolver names)
{
    public void Register(HostTable table)
    {
        table.Add("udpOpen", Open);
        table.Add("udpBind", (in HostCall call) => Do(Find(call).Socket.Bind(EndPoint(call, "bind")), "bind"));
        table.Add("udpConnect", (in HostCall call) => Do(Find(call).Socket.Connect(EndPoint(call, "connect")), "connect"));
        table.Add("udpSend", Send);
        table.Add("udpSender", (in HostCall call) => call.Engine.NewText(NetFunctions.TextOf(Find(call).Sender)));
        table.Add("udpOption", (in HostCall call) => Do(Find(call).Socket.SetOption((SocketOption)call.Int(1), call.Int(2)), "setsockopt"));
        table.Add("udpGetOption", (in HostCall call) =>
        {
            HostErrorException.ThrowIf(Find(call).Socket.GetOption((SocketOption)call.Int(1), out var value), "getsockopt");
            return JsValue.From(value);
        });
    }

    private static JsValue Do(Errno error, string call)
    {
        HostErrorException.ThrowIf(error, call);
        return JsValue.Undefined;
    }

    private NetHandle Find(in HostCall call) =>
        handles.TryGet(call.Int(0), out var handle) && handle.IsDatagram ? handle : throw new HostErrorException(Errno.EBADF, "recvmsg");

    /// <summary>Argument: whether it is for IPv6.</summary>
    private JsValue Open(in HostCall call)
    {
        if (!handles.HasRoom)
        {
            throw new HostErrorException(Errno.EMFILE, "bind");
        }

        HostErrorException.ThrowIf(guest.Network.CreateSocket(call.Flag(0) ? SocketDomain.Inet6 : SocketDomain.Inet4, SocketKind.Datagram, out var socket), "bind");
        return JsValue.From(handles.AddDatagrams(socket!).Number);
    }

    /// <summary>Arguments: handle, host (empty for any), port.</summary>
    private InetEndPoint EndPoint(in HostCall call, string name)
    {
        var domain = Find(call).Socket.Domain;
        var host = call.Text(1);
        var any = domain == SocketDomain.Inet4 ? InetAddress.Any4 : InetAddress.Any6;
        var address = host.Length == 0 ? any : Array.Find(names.Resolve(host, name), address => address.Domain == domain);
        return address.Domain == domain ? new(address, (ushort)call.Int(2)) : throw new HostErrorException(Errno.EINVAL, name);
    }

    /// <summary>Arguments: handle, host, port (0 to the address that it is connected to), bytes.</summary>
    private unsafe JsValue Send(in HostCall call)
    {
        var socket = Find(call).Socket;
        var isConnected = call.Int(2) == 0;
        var target = isConnected ? default : EndPoint(call, "send");
        var bytes = call.Bytes(3);
        fixed (byte* start = bytes)
        {
            var vector = new IoVector((nint)start, (nuint)bytes.Length);
            HostErrorException.ThrowIf(isConnected ? socket.Send(new(in vector), out _) : socket.SendTo(new(in vector), target, out _), "send");
        }

        return JsValue.From(bytes.Length);
    }
}
