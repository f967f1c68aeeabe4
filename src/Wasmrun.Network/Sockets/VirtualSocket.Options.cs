using Wasmrun.Network.Addresses;
using Wasmrun.Network.Kernel;

namespace Wasmrun.Network.Sockets;

/// <content>The options of a socket.</content>
public sealed partial class VirtualSocket
{
    private KernelOptions _kernelOptions;
    private bool _broadcast;
    private nuint _lowWater = 1;

    private bool IsTcp => _origin is ConnectionOrigin.Forward or ConnectionOrigin.Outside && Kind == SocketKind.Stream;

    /// <summary>Sets an option.</summary>
    /// <returns><see cref="Errno.ENOPROTOOPT"/> for one that can only be read, or that this socket does not have.</returns>
    public Errno SetOption(SocketOption option, long value)
    {
        if (KernelOptions.Includes(option))
        {
            var error = _kernelOptions.Set(option, value, _descriptor, IsTcp);
            SizeMailbox();
            _lowWater = _kernelOptions.LowWater(_descriptor);
            return error;
        }

        switch (option)
        {
            case SocketOption.ReuseAddress:
                ReuseAddress = value != 0;
                return Errno.None;
            case SocketOption.OnlyVersion6 when Domain == SocketDomain.Inet6:
                OnlyVersion6 = IsBound ? OnlyVersion6 : value != 0;
                return IsBound ? Errno.EINVAL : Errno.None;
            case SocketOption.Broadcast:
                _broadcast = value != 0;
                return Errno.None;
            case SocketOption.ReceiveTimeout when value >= 0:
                ReceiveTimeout = value == 0 ? -1 : value;
                return Errno.None;
            case SocketOption.SendTimeout when value >= 0:
                SendTimeout = value == 0 ? -1 : value;
                return Errno.None;
            case SocketOption.ReceiveTimeout or SocketOption.SendTimeout:
                return Errno.EDOM;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    /// <summary>Reads an option.</summary>
    /// <returns><see cref="Errno.ENOPROTOOPT"/> for one that this socket does not have.</returns>
    public Errno GetOption(SocketOption option, out long value)
    {
        value = option switch
        {
            _ when KernelOptions.Includes(option) => _kernelOptions.Get(option, _descriptor, IsTcp),
            SocketOption.ReuseAddress => ReuseAddress ? 1 : 0,
            SocketOption.OnlyVersion6 => OnlyVersion6 ? 1 : 0,
            SocketOption.Broadcast => _broadcast ? 1 : 0,
            SocketOption.ReceiveTimeout => Math.Max(0, ReceiveTimeout),
            SocketOption.SendTimeout => Math.Max(0, SendTimeout),
            SocketOption.Error => (int)TakeError(),
            SocketOption.Kind => (int)Kind,
            SocketOption.Domain => (int)Domain,
            SocketOption.AcceptsConnections => IsListening || _state == SocketState.Inherited ? 1 : 0,
            _ => 0,
        };
        return option > SocketOption.AcceptsConnections || (option == SocketOption.OnlyVersion6 && Domain != SocketDomain.Inet6)
            ? Errno.ENOPROTOOPT
            : Errno.None;
    }

    private void SizeMailbox()
    {
        if (_datagrams is not null)
        {
            _datagrams.Mailbox.Capacity = (int)_kernelOptions.Get(SocketOption.ReceiveBuffer, None, isTcp: false);
        }
    }

    /// <summary>Hands the options of a listening socket down to what it has accepted.</summary>
    internal void InheritOptions(VirtualSocket listener)
    {
        (ReuseAddress, ReceiveTimeout, SendTimeout) = (listener.ReuseAddress, listener.ReceiveTimeout, listener.SendTimeout);
        _kernelOptions = listener._kernelOptions;
        ApplyOptions();
    }

    /// <summary>Gives the kernel socket what was set before it came.</summary>
    private void ApplyOptions()
    {
        _kernelOptions.ApplyTo(_descriptor, IsTcp);
        _lowWater = _kernelOptions.LowWater(_descriptor);
    }
}
