using System.Globalization;
using Wasmrun.Supervision.Hosting;

namespace Wasmrun.Supervision.Probing;

/// <summary>Whether the guest answers a request well. The connection leads to the guest's own port, past forwards and clients that wait.</summary>
internal sealed class HttpProbe : IProbe, IDisposable
{
    private readonly int _port;
    private readonly Uri _address;
    private readonly HttpClient _client;

    public HttpProbe(IInstance instance, string path, int port)
    {
        _port = port;
        _address = new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}{path}"));
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = (_, _) => instance.TryConnect(port) is { } connection
                ? ValueTask.FromResult(connection)
                : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"nothing listens on port {port}")),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.ConnectionClose = true;
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("wasmrun-healthcheck");
    }

    public async Task<string?> AskAsync(CancellationToken token)
    {
        try
        {
            using var answer = await _client.GetAsync(_address, HttpCompletionOption.ResponseHeadersRead, token);
            var status = (int)answer.StatusCode;
            return status is >= 200 and < 400
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"GET {_address.PathAndQuery} at port {_port} was answered with {status}");
        }
        catch (HttpRequestException failure)
        {
            return failure.InnerException is IOException { InnerException: null } inner
                ? inner.Message
                : string.Create(CultureInfo.InvariantCulture, $"GET {_address.PathAndQuery} at port {_port} failed: {failure.Message}");
        }
    }

    public void Dispose() => _client.Dispose();
}
