using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>
/// Clients that ask without a pause, some on a new connection each time and some on connections that they keep, and that note
/// everything that is not an answer.
/// </summary>
internal sealed class RawLoad : IAsyncDisposable
{
    /// <summary>A connection on which nothing is asked for half a second may be ended: who asks just then gets no answer.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(400);

    private readonly int _port;
    private readonly List<Task> _clients;
    private volatile bool _isOver;
    private long _answers;
    private long _connections;

    /// <summary>The clients begin at once.</summary>
    /// <param name="anew">How many clients make a connection for each request.</param>
    /// <param name="kept">For each client that keeps its connections: how many requests it makes on one.</param>
    public RawLoad(int port, int anew, params int[] kept)
    {
        _port = port;
        _clients =
        [
            .. Enumerable.Range(0, anew).Select(_ => Task.Run(() => AskAsync(1))),
            .. kept.Select(requests => Task.Run(() => AskAsync(requests))),
        ];
    }

    public long Answers => Interlocked.Read(ref _answers);

    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Connections that could not be made.</summary>
    public ConcurrentQueue<string> Refused { get; } = [];

    /// <summary>Requests that were not answered although their connection was made.</summary>
    public ConcurrentQueue<string> Broken { get; } = [];

    /// <summary>Ends the load; returns when every client has its last answer.</summary>
    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await Task.WhenAll(_clients).OrFail(() => "a client waits for an answer");
    }

    private async Task AskAsync(int requestsEach)
    {
        while (!_isOver)
        {
            try
            {
                var begun = Stopwatch.GetTimestamp();
                using var client = await RawClient.ConnectAsync(_port);
                Interlocked.Increment(ref _connections);
                await AskAsync(client, begun, requestsEach);
            }
            catch (SocketException refused)
            {
                Refused.Enqueue(refused.Message);
            }
        }
    }

    /// <summary>Asks on one connection.</summary>
    /// <param name="begun">
    /// Before anything was sent that can have been answered. The connection may be quiet from then on: that an answer is there, and
    /// even that the next request was sent, is noticed late on a busy machine.
    /// </param>
    private async Task AskAsync(RawClient client, long begun, int requests)
    {
        for (var request = 1; request <= requests && !_isOver && !client.IsLast; request++)
        {
            var former = begun;
            begun = Stopwatch.GetTimestamp();
            try
            {
                await client.AskAsync("GET", "/instance", close: request == requests);
                Interlocked.Increment(ref _answers);
            }
            catch (Exception broken) when (broken is SocketException or IOException)
            {
                var quiet = Stopwatch.GetElapsedTime(former);
                if (quiet < s_idle)
                {
                    Broken.Enqueue(string.Create(CultureInfo.InvariantCulture, $"request {request} of {requests}, {quiet.TotalMilliseconds:0} ms after the one before: {broken.Message}"));
                }

                return;
            }
        }
    }
}
