using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wasmrun.Benchmarks.Compare;

/// <summary>Clients that ask a server without a pause, on plain sockets that mend nothing, and what they saw.</summary>
internal sealed class ClientLoad
{
    private const int RequestsOnOneConnection = 100;

    private static readonly byte[] s_next = Encoding.ASCII.GetBytes("GET /instance HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static readonly byte[] s_last = Encoding.ASCII.GetBytes("GET /instance HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    private readonly int _port;
    private readonly ConcurrentBag<double> _waits = [];
    private readonly List<Task> _clients;
    private volatile bool _isOver;
    private int _refused;
    private int _cutOffNew;
    private int _cutOffKept;

    /// <summary>The clients begin at once.</summary>
    /// <param name="anew">Clients that open a connection for each request.</param>
    /// <param name="kept">Clients that keep theirs for a hundred requests.</param>
    public ClientLoad(int port, int anew, int kept)
    {
        _port = port;
        _clients =
        [
            .. Enumerable.Range(0, anew).Select(_ => Task.Run(() => Ask(1))),
            .. Enumerable.Range(0, kept).Select(_ => Task.Run(() => Ask(RequestsOnOneConnection))),
        ];
    }

    public int Answered => _waits.Count;

    public int Refused => _refused;

    public int CutOffNew => _cutOffNew;

    public int CutOffKept => _cutOffKept;

    public double LongestMilliseconds => _waits.Max();

    public Task EndAsync()
    {
        _isOver = true;
        return Task.WhenAll(_clients);
    }

    /// <summary>Asks once on a new connection; null when it is refused or cut off.</summary>
    public static string? Ask(int port, string path)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
            return Read(socket)?.Split("\r\n\r\n")[1];
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private void Ask(int requests)
    {
        while (!_isOver)
        {
            var clock = Stopwatch.StartNew();
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Connect(IPAddress.Loopback, _port);
            }
            catch (SocketException)
            {
                Interlocked.Increment(ref _refused);
                continue;
            }

            for (var request = 1; request <= requests && !_isOver; request++)
            {
                if (Exchange(socket, request == requests ? s_last : s_next) is not { } answer)
                {
                    Interlocked.Increment(ref requests == 1 ? ref _cutOffNew : ref _cutOffKept);
                    break;
                }

                _waits.Add(clock.Elapsed.TotalMilliseconds);
                if (answer.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
                {
                    break;
                }

                clock.Restart();
            }
        }
    }

    private static string? Exchange(Socket socket, byte[] request)
    {
        try
        {
            socket.Send(request);
            return Read(socket);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>One answer, whose body is the sixteen digits of an instance or less; null when the connection ends before.</summary>
    private static string? Read(Socket socket)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (true)
        {
            var read = socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
            if (read == 0)
            {
                return null;
            }

            length += read;
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && length >= end + 4 + Length(text))
            {
                return text;
            }
        }
    }

    private static int Length(string head)
    {
        const string name = "Content-Length: ";
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase) + name.Length;
        return int.Parse(head.AsSpan(at, head.IndexOf('\r', at) - at), CultureInfo.InvariantCulture);
    }
}
