using System.Text;
using Wasmrun.Network;
using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>
/// The control file of a socket. Each write is one command, and its errno is the command's; reading shows the state of the
/// socket as it is when a reader begins. An open control file keeps its socket open.
/// </summary>
internal sealed class ControlDescriptor : Descriptor
{
    private const int LongestCommand = 512;

    private readonly VirtualSocket _socket;
    private readonly NetworkNamespace _network;
    private TextDescriptor? _reading;

    public ControlDescriptor(VirtualSocket socket, NetworkNamespace network, Rights rights, FdFlags flags)
        : base(FileType.CharacterDevice, Rights.Stream, rights, Rights.None, flags)
    {
        _socket = socket;
        _network = network;
        _socket.AddReference();
    }

    public override Errno Read(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        _reading ??= new(Encoding.UTF8.GetBytes(SocketText.Summary(_socket)), Rights, FdFlags.None);
        var error = _reading.Read(buffers, out count);
        if (count == 0 && IoVector.Total(buffers) > 0)
        {
            // At the end the next reader begins anew.
            _reading = null;
        }

        return error;
    }

    public override unsafe Errno Write(ReadOnlySpan<IoVector> buffers, out nuint count)
    {
        count = 0;
        Span<byte> command = stackalloc byte[LongestCommand];
        var length = 0;
        foreach (var buffer in buffers)
        {
            if (buffer.Length > (nuint)(LongestCommand - length))
            {
                return Errno.EMSGSIZE;
            }

            new ReadOnlySpan<byte>((void*)buffer.Base, (int)buffer.Length).CopyTo(command[length..]);
            length += (int)buffer.Length;
        }

        var error = SocketCommand.Run(_socket, _network, Encoding.UTF8.GetString(command[..length]));
        count = error == Errno.None ? (nuint)length : 0;
        return error;
    }

    protected override void Close() => _socket.Dispose();
}
