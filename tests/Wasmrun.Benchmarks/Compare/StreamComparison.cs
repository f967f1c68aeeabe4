using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>Bytes per second over one connection in chunks of 64 KiB: answered one by one (echo), and taken only (sink).</summary>
internal static class StreamComparison
{
    private const int Chunk = 64 * 1024;

    /// <summary>
    /// After so many rounds there are new processes: one is a few hundredths cheaper or dearer than its like for as long as it lives, native ones too.
    /// </summary>
    private const int RoundsPerProcess = 3;

    /// <summary>IPPROTO_TCP and TCP_CONGESTION of Linux's <c>tcp.h</c>.</summary>
    private static readonly (int Level, int Name) s_congestion = (6, 13);

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table("One connection, 64 KiB chunks", "", "MB/s", "to native", "CPU s/GB", "to native");
        foreach (var (name, echo, arguments) in new[] { ("echo", true, Array.Empty<string>()), ("sink", false, ["sink"]) })
        {
            var samples = new OrderedDictionary<string, (Samples Rate, Samples Cost)>(StringComparer.Ordinal);
            for (var done = 0; done < settings.Rounds; done += RoundsPerProcess)
            {
                await MeasureProcessesAsync(workplace, echo, arguments, Math.Min(RoundsPerProcess, settings.Rounds - done), settings.Seconds, samples);
            }

            var native = samples.GetAt(0).Value;
            foreach (var (server, (rate, cost)) in samples)
            {
                table.Add(
                    $"{name}, {server}",
                    rate.Median.ToString("N0", CultureInfo.InvariantCulture),
                    rate.RatioTo(native.Rate).ToString("F2", CultureInfo.InvariantCulture),
                    cost.Median.ToString("F3", CultureInfo.InvariantCulture),
                    cost.RatioTo(native.Cost).ToString("F2", CultureInfo.InvariantCulture));
            }
        }

        return table;
    }

    /// <summary>Measures processes started for it, after a round that does not count.</summary>
    private static async Task MeasureProcessesAsync(
        Workplace workplace, bool echo, string[] arguments, int rounds, int seconds, OrderedDictionary<string, (Samples Rate, Samples Cost)> samples)
    {
        await using var native = await Server.NativeAsync(workplace, "echo", Placement.Serving, arguments);
        await using var wasmrun = await Server.WasmrunAsync(workplace, "echo", Placement.Serving, arguments);
        await using var again = await Server.NativeAgainAsync(workplace, "echo", Placement.Serving, arguments);
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var server in (Server[])[native, wasmrun, again])
            {
                var before = server.ProcessorTime;
                var (bytes, elapsed) = Placement.Asking.Run(() => Transfer(server.Port, echo, TimeSpan.FromSeconds(seconds)));
                if (round > 0)
                {
                    samples.TryAdd(server.Name, (new(), new()));
                    samples[server.Name].Rate.Add(bytes / elapsed.TotalSeconds / 1e6);
                    samples[server.Name].Cost.Add((server.ProcessorTime - before).TotalSeconds / (bytes / 1e9));
                }
            }
        }
    }

    private static (long Bytes, TimeSpan Elapsed) Transfer(int port, bool echo, TimeSpan duration)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        UseCubic(socket);
        socket.Connect(IPAddress.Loopback, port);
        var buffer = new byte[Chunk];
        var bytes = 0L;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            socket.Send(buffer);
            for (var received = 0; echo && received < Chunk;)
            {
                received += socket.Receive(buffer, received, Chunk - received, SocketFlags.None);
            }

            bytes += Chunk;
        }

        return (bytes, clock.Elapsed);
    }

    /// <summary>
    /// Sends with the congestion control that Linux comes with. BBR, which some machines have instead, paces by a model of a far path that
    /// it makes from when the receiver is woken: on loopback that is what would be measured.
    /// </summary>
    private static void UseCubic(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(s_congestion.Level, s_congestion.Name, "cubic"u8);
        }
    }
}
