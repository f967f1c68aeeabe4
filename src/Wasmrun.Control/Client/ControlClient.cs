using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Wasmrun.Control.Api;
using Wasmrun.Control.Folders;
using Wasmrun.Network.Local;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Control.Client;

/// <summary>A stack whose runner is another process, reached through its control socket.</summary>
public sealed class ControlClient : IStackControl, IDisposable
{
    private const int MaxLineBytes = 4 * 1024 * 1024;
    private readonly HttpClient _http;

    public ControlClient(ProjectFolder folder)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, token) => await LocalSocket.ConnectAsync(folder.SocketPath, token),
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://wasmrun"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public Task<ProjectInfo> GetProjectAsync(CancellationToken token) => GetAsync<ProjectInfo>(ControlRoutes.Project, token);

    public Task<IReadOnlyList<ServiceStatus>> GetServicesAsync(CancellationToken token) =>
        GetAsync<IReadOnlyList<ServiceStatus>>(ControlRoutes.Services, token);

    public Task<IReadOnlyList<InstanceStats>> GetStatsAsync(CancellationToken token) => GetAsync<IReadOnlyList<InstanceStats>>(ControlRoutes.Stats, token);

    public Task<ApplyReply> ApplyAsync(ApplyRequest request, CancellationToken token) => ChangeAsync(ControlRoutes.Apply, request, token);

    public Task<ApplyReply> PreviewAsync(ApplyRequest request, CancellationToken token) => ChangeAsync(ControlRoutes.Plan, request, token);

    public async IAsyncEnumerable<OneOffNews> RunAsync(RunRequest request, [EnumeratorCancellation] CancellationToken token)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(ControlRoutes.Run, UriKind.Relative)) { Content = Write(request) };
        await foreach (var news in await StreamAsync<OneOffNews>(message, token))
        {
            yield return news;
        }
    }

    public Task<ApplyReply> RestartAsync(ServicesRequest request, CancellationToken token) => ChangeAsync(ControlRoutes.Restart, request, token);

    public Task<ApplyReply> StopAsync(ServicesRequest request, CancellationToken token) => ChangeAsync(ControlRoutes.Stop, request, token);

    public Task<ApplyReply> StartAsync(ServicesRequest request, CancellationToken token) => ChangeAsync(ControlRoutes.Start, request, token);

    public Task<ApplyReply> KillAsync(ServicesRequest request, CancellationToken token) => ChangeAsync(ControlRoutes.Kill, request, token);

    public Task<ApplyReply> ScaleAsync(ScaleRequest request, CancellationToken token) => ChangeAsync(ControlRoutes.Scale, request, token);

    public async Task<WaitResult> WaitAsync(WaitRequest request, CancellationToken token)
    {
        using var response = await PostAsync(ControlRoutes.Wait, request, token);
        return await ReadAsync<WaitResult>(response, token);
    }

    public async Task WatchAsync(WatchRequest request, CancellationToken token)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(ControlRoutes.Watch, UriKind.Relative)) { Content = Write(request) };
        using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token);
        if (IsProblem(response))
        {
            throw new RunnerRefusedException(await ReadProblemAsync(response, token));
        }

        // The answer has no content: it ends when the watching does.
        await using var body = await response.Content.ReadAsStreamAsync(token);
        await body.CopyToAsync(Stream.Null, token);
    }

    public Task<ApplyReply> PreviewDownAsync(DownOptions options, CancellationToken token) => ChangeAsync(ControlRoutes.PlanDown, options, token);

    public async Task<DownReport> DownAsync(DownOptions options, CancellationToken token)
    {
        using var response = await PostAsync(ControlRoutes.Down, options, token);
        return await ReadAsync<DownReport>(response, token);
    }

    public async IAsyncEnumerable<LogLine> ReadLogsAsync(LogQuery query, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var line in await StreamAsync<LogLine>(ControlRoutes.Logs + Write(query), token))
        {
            yield return line;
        }
    }

    public Task<IAsyncEnumerable<StackEvent>> SubscribeAsync(EventQuery query, CancellationToken token) =>
        StreamAsync<StackEvent>(ControlRoutes.Events + Write(query), token);

    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string route, CancellationToken token)
    {
        using var response = await _http.GetAsync(new Uri(route, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, token);
        return await ReadAsync<T>(response, token);
    }

    private async Task<ApplyReply> ChangeAsync<T>(string route, T request, CancellationToken token)
    {
        using var response = await PostAsync(route, request, token);
        if (IsProblem(response))
        {
            var problem = await ReadProblemAsync(response, token);
            return problem.Outcome ?? throw new RunnerRefusedException(problem);
        }

        return await ReadAsync<ApplyReply>(response, token);
    }

    private Task<HttpResponseMessage> PostAsync<T>(string route, T body, CancellationToken token) =>
        _http.PostAsync(new Uri(route, UriKind.Relative), Write(body), token);

    private static ByteArrayContent Write<T>(T body)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, ControlJson.For<T>()));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private async Task<IAsyncEnumerable<T>> StreamAsync<T>(string route, CancellationToken token)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(route, UriKind.Relative));
        return await StreamAsync<T>(message, token);
    }

    private async Task<IAsyncEnumerable<T>> StreamAsync<T>(HttpRequestMessage message, CancellationToken token)
    {
        var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token);
        if (IsProblem(response))
        {
            using (response)
            {
                throw new RunnerRefusedException(await ReadProblemAsync(response, token));
            }
        }

        return ReadLinesAsync<T>(response, token);
    }

    private static async IAsyncEnumerable<T> ReadLinesAsync<T>(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken token)
    {
        using (response)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(token);
            await foreach (var line in JsonLines.ReadAsync(stream, ControlJson.For<T>(), MaxLineBytes, token))
            {
                yield return line;
            }
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken token)
    {
        if (IsProblem(response))
        {
            throw new RunnerRefusedException(await ReadProblemAsync(response, token));
        }

        await using var body = await response.Content.ReadAsStreamAsync(token);
        return await JsonSerializer.DeserializeAsync(body, ControlJson.For<T>(), token)
            ?? throw new JsonException("the runner's answer is empty");
    }

    private static async Task<Problem> ReadProblemAsync(HttpResponseMessage response, CancellationToken token)
    {
        await using var body = await response.Content.ReadAsStreamAsync(token);
        return await JsonSerializer.DeserializeAsync(body, ControlJson.For<Problem>(), token)
            ?? throw new JsonException("the runner's answer is empty");
    }

    private static bool IsProblem(HttpResponseMessage response) => string.Equals(response.Content.Headers.ContentType?.MediaType, Problem.ContentType, StringComparison.OrdinalIgnoreCase);

    private static string Write(LogQuery query)
    {
        var text = new StringBuilder("?follow=").Append(query.Follow ? "true" : "false");
        foreach (var service in query.Services)
        {
            text.Append("&service=").Append(Uri.EscapeDataString(service));
        }

        if (query.Tail is { } tail)
        {
            text.Append(CultureInfo.InvariantCulture, $"&tail={tail}");
        }

        if (query.Index is { } index)
        {
            text.Append(CultureInfo.InvariantCulture, $"&index={index}");
        }

        return text.Append(Write('&', "since", query.Since)).Append(Write('&', "until", query.Until)).ToString();
    }

    private static string Write(EventQuery query) =>
        Write('?', "since", query.Since) + Write(query.Since is null ? '?' : '&', "until", query.Until);

    private static string Write(char separator, string name, DateTimeOffset? moment) =>
        moment is { } value ? $"{separator}{name}={Uri.EscapeDataString(value.ToString("O", CultureInfo.InvariantCulture))}" : string.Empty;
}
