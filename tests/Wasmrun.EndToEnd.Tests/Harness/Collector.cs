using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Wasmrun.EndToEnd.Tests.Harness;

/// <summary>A collector of OpenTelemetry that takes everything, over HTTP, and lets texts in it be looked for.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _received = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Text, TaskCompletionSource Seen)> _awaited = [];
    private readonly WebApplication _server;

    private Collector(WebApplication server) => _server = server;

    public string Url => _server.Urls.Single();

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        collector._server.MapPost("/v1/{signal}", collector.TakeAsync);
        await collector._server.StartAsync();
        return collector;
    }

    /// <summary>Done when the text has come, which stands as it is in what is sent.</summary>
    /// <param name="signal"><c>metrics</c> or <c>logs</c>.</param>
    public Task SawAsync(string signal, string text)
    {
        lock (_gate)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((signal, text, seen));
            Tell();
            return seen.Task.WaitAsync(FailureLimit.Duration, TimeProvider.System);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context, string signal)
    {
        using var body = new StreamReader(context.Request.Body, Encoding.Latin1);
        var text = await body.ReadToEndAsync(context.RequestAborted);
        lock (_gate)
        {
            _received[signal] = _received.GetValueOrDefault(signal) + text;
            Tell();
        }
    }

    private void Tell() => _awaited.RemoveAll(awaited =>
        _received.GetValueOrDefault(awaited.Path)?.Contains(awaited.Text, StringComparison.Ordinal) == true && awaited.Seen.TrySetResult());
}
