using Wasmrun.Network.Kernel;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Sockets;

/// <summary>Socket options as the socket extension passes them: a number of 32 bits, but for a <c>linger</c> or a <c>timeval</c>.</summary>
internal static class ExtensionOption
{
    private const uint PairSize = 8;
    private const uint TimeSize = 16;
    private const int Microsecond = 1000;
    private const long Second = 1_000_000_000;

    public static WasiErrno Get(VirtualSocket socket, GuestMemory memory, ExtensionOptionName name, uint value, uint size)
    {
        if (Find(name) is not { } option)
        {
            return WasiErrno.ENOPROTOOPT;
        }

        var room = memory.Read<uint>(size);
        var needed = SizeOf(option);
        if (room < needed)
        {
            return WasiErrno.EINVAL;
        }

        _ = memory.Bytes(value, needed);
        var error = socket.GetOption(option, out var number);
        if (error != Errno.None)
        {
            return error.ToWasi();
        }

        memory.Write(size, needed);
        switch (option)
        {
            case SocketOption.Linger:
                memory.Write(value, number < 0 ? 0 : 1);
                memory.Write(value + sizeof(int), (int)Math.Max(0, number));
                break;
            case SocketOption.ReceiveTimeout or SocketOption.SendTimeout:
                memory.Write(value, number / Second);
                memory.Write(value + sizeof(long), number % Second / Microsecond);
                break;
            case SocketOption.Error:
                memory.Write(value, (int)((Errno)number).ToWasi());
                break;
            case SocketOption.Kind:
                memory.Write(value, (SocketKind)number == SocketKind.Stream ? 2 : 1);
                break;
            default:
                memory.Write(value, (int)number);
                break;
        }

        return WasiErrno.None;
    }

    public static WasiErrno Set(VirtualSocket socket, GuestMemory memory, ExtensionOptionName name, uint value, uint size)
    {
        if (Find(name) is not { } option)
        {
            return WasiErrno.ENOPROTOOPT;
        }

        if (size < SizeOf(option))
        {
            return WasiErrno.EINVAL;
        }

        var number = option switch
        {
            SocketOption.Linger => memory.Read<int>(value) == 0 ? -1 : memory.Read<int>(value + sizeof(int)),
            SocketOption.ReceiveTimeout or SocketOption.SendTimeout => ReadTime(memory, value),
            _ => memory.Read<int>(value),
        };
        return socket.SetOption(option, number).ToWasi();
    }

    /// <summary>Seconds and microseconds; negative when they are no time, which no option takes.</summary>
    private static long ReadTime(GuestMemory memory, uint value)
    {
        var seconds = memory.Read<long>(value);
        var microseconds = memory.Read<long>(value + sizeof(long));
        return seconds < 0 || microseconds is < 0 or >= 1_000_000 ? -1
            : seconds > long.MaxValue / Second - 1 ? long.MaxValue
            : (seconds * Second) + (microseconds * Microsecond);
    }

    private static uint SizeOf(SocketOption option) => option switch
    {
        SocketOption.Linger => PairSize,
        SocketOption.ReceiveTimeout or SocketOption.SendTimeout => TimeSize,
        _ => sizeof(int),
    };

    private static SocketOption? Find(ExtensionOptionName name) => name switch
    {
        ExtensionOptionName.ReuseAddress => SocketOption.ReuseAddress,
        ExtensionOptionName.Type => SocketOption.Kind,
        ExtensionOptionName.Error => SocketOption.Error,
        ExtensionOptionName.Broadcast => SocketOption.Broadcast,
        ExtensionOptionName.SendBuffer => SocketOption.SendBuffer,
        ExtensionOptionName.ReceiveBuffer => SocketOption.ReceiveBuffer,
        ExtensionOptionName.KeepAlive => SocketOption.KeepAlive,
        ExtensionOptionName.Linger => SocketOption.Linger,
        ExtensionOptionName.DontRoute => SocketOption.DontRoute,
        ExtensionOptionName.OutOfBandInline => SocketOption.UrgentInline,
        ExtensionOptionName.ReceiveLowWater => SocketOption.ReceiveLowWater,
        ExtensionOptionName.ReceiveTimeout => SocketOption.ReceiveTimeout,
        ExtensionOptionName.SendTimeout => SocketOption.SendTimeout,
        ExtensionOptionName.AcceptsConnections => SocketOption.AcceptsConnections,
        _ => null,
    };
}
