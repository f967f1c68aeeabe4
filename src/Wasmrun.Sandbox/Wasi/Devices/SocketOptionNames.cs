using System.Collections.Frozen;
using Wasmrun.Network.Sockets;

namespace Wasmrun.Sandbox.Wasi.Devices;

/// <summary>The socket options of the device tree: their names there, and times in milliseconds.</summary>
internal static class SocketOptionNames
{
    private const long Millisecond = 1_000_000;

    public static FrozenDictionary<string, SocketOption> All { get; } = new Dictionary<string, SocketOption>(StringComparer.Ordinal)
    {
        ["nodelay"] = SocketOption.NoDelay,
        ["keepalive"] = SocketOption.KeepAlive,
        ["keepalive_idle"] = SocketOption.KeepAliveIdle,
        ["keepalive_interval"] = SocketOption.KeepAliveInterval,
        ["keepalive_count"] = SocketOption.KeepAliveCount,
        ["receive_buffer"] = SocketOption.ReceiveBuffer,
        ["send_buffer"] = SocketOption.SendBuffer,
        ["linger"] = SocketOption.Linger,
        ["dont_route"] = SocketOption.DontRoute,
        ["urgent_inline"] = SocketOption.UrgentInline,
        ["receive_low_water"] = SocketOption.ReceiveLowWater,
        ["reuse_address"] = SocketOption.ReuseAddress,
        ["only_v6"] = SocketOption.OnlyVersion6,
        ["broadcast"] = SocketOption.Broadcast,
        ["receive_timeout"] = SocketOption.ReceiveTimeout,
        ["send_timeout"] = SocketOption.SendTimeout,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static long ToText(SocketOption option, long value) => IsTime(option) ? value / Millisecond : value;

    public static long FromText(SocketOption option, long value) =>
        IsTime(option) ? Math.Clamp(value, -1, long.MaxValue / Millisecond) * Millisecond : value;

    private static bool IsTime(SocketOption option) => option is SocketOption.ReceiveTimeout or SocketOption.SendTimeout;
}
