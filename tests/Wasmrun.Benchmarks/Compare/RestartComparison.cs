using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>
/// A server that is ended again and again while clients open a new connection for each request: how many are refused, and how
/// long the longest waits. The native program is started again at once by this program; wasmrun restarts its guest by itself.
/// </summary>
internal static class RestartComparison
{
    private const int Restarts = 100;
    private const int Clients = 4;
    private static readonly byte[] s_request = Encoding.ASCII.GetBytes("GET /instance HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    private static readonly byte[] s_end = Encoding.ASCII.GetBytes("GET /exit/0 HTTP/1.1\r\nHost: localhost\r\n\r\n");

    public static async Task<Table> MeasureAsync(Workplace workplace, Settings settings)
    {
        var table = new Table($"{Restarts} restarts under load, a new connection per request", "", "answered", "refused", "cut off", "longest wait, ms");
        await AddAsync(table, "native, started again at once", await RestartedServer.NativeAsync(workplace));
        await AddAsync(table, "wasmrun", await RestartedServer.WasmrunAsync(workplace));
        return table;
    }

    private static async Task AddAsync(Table table, string name, RestartedServer server)
    {
        await using (server)
        {
            var tally = new Tally();
            using var done = new CancellationTokenSource();
            var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => Load(server.Port, tally, done.Token))).ToList();
            for (var i = 0; i < Restarts; i++)
            {
                var before = tally.LastInstance;
                End(server.Port);
                while (tally.LastInstance == before)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
                }
            }

            await done.CancelAsync();
            await Task.WhenAll(clients);
            table.Add(
                name,
                tally.Answered.ToString("N0", CultureInfo.InvariantCulture),
                tally.Refused.ToString("N0", CultureInfo.InvariantCulture),
                tally.CutOff.ToString("N0", CultureInfo.InvariantCulture),
                tally.Longest.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture));
        }
    }

    private static void Load(int port, Tally tally, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            var clock = Stopwatch.StartNew();
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                tally.AddRefused();
                continue;
            }

            try
            {
                socket.Send(s_request);
                tally.Add(ReadAnswer(socket), clock.Elapsed);
            }
            catch (SocketException)
            {
                tally.AddCutOff();
            }
        }
    }

    private static string? ReadAnswer(Socket socket)
    {
        var buffer = new byte[4096];
        var length = 0;
        for (int read; (read = socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None)) > 0;)
        {
            length += read;
        }

        return length == 0 ? null : Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n\r\n")[1].Trim();
    }

    private static void End(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(s_end);
            _ = socket.Receive(new byte[4096]);
        }
        catch (SocketException)
        {
            // The server went before it answered, which is what was asked of it.
        }
    }

    /// <summary>What the clients saw, added up over all of them.</summary>
    private sealed class Tally
    {
        private readonly ConcurrentBag<TimeSpan> _waits = [];
        private int _refused;
        private int _cutOff;

        public volatile string? LastInstance;

        public int Answered => _waits.Count;

        public int Refused => _refused;

        public int CutOff => _cutOff;

        public TimeSpan Longest => _waits.Max();

        public void Add(string? instance, TimeSpan wait)
        {
            if (instance is null)
            {
                AddCutOff();
                return;
            }

            _waits.Add(wait);
            LastInstance = instance;
        }

        public void AddRefused() => Interlocked.Increment(ref _refused);

        public void AddCutOff() => Interlocked.Increment(ref _cutOff);
    }
}
