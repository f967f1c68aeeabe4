using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Wasmrun.Control.Api;
using Wasmrun.Supervision.Logs;

namespace Wasmrun.Control.Server;

/// <summary>What can be followed, as JSON lines: the guests' output and the stack's events. A slow reader delays itself, and the end of the runner.</summary>
internal sealed class StreamEndpoints(IStackControl stack, StreamReaders readers, CancellationToken runnerEnds)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ControlRoutes.Logs, LogsAsync);
        routes.MapGet(ControlRoutes.Events, EventsAsync);
        routes.MapPost(ControlRoutes.Watch, WatchAsync);
        routes.MapPost(ControlRoutes.Run, RunAsync);
    }

    private async Task LogsAsync(HttpContext context)
    {
        if (!TryReadQuery(context.Request.Query, out var query, out var complaint))
        {
            await ComplainAsync(context, complaint);
            return;
        }

        await readers.ServeAsync(context, reading => stack.ReadLogsAsync(query, reading));
    }

    private async Task EventsAsync(HttpContext context)
    {
        DateTimeOffset? until = null;
        if ((TryReadMoment(context.Request.Query, "since", out var since) ?? TryReadMoment(context.Request.Query, "until", out until)) is { } complaint)
        {
            await ComplainAsync(context, complaint);
            return;
        }

        var events = await stack.SubscribeAsync(new EventQuery(since, until), context.RequestAborted);
        await readers.ServeAsync(context, _ => events);
    }

    private async Task WatchAsync(HttpContext context)
    {
        if (await JsonExchange.ReadAsync<WatchRequest>(context) is not { } request)
        {
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, runnerEnds);
        await context.Response.StartAsync(either.Token);
        await context.Response.Body.FlushAsync(either.Token);
        try
        {
            await stack.WatchAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Whoever watched has gone, or the runner goes.
        }
    }

    private async Task RunAsync(HttpContext context)
    {
        if (await JsonExchange.ReadAsync<RunRequest>(context) is { } request)
        {
            await readers.ServeOnceAsync(context, reading => RunAsync(request, reading));
        }
    }

    /// <summary>The end of the runner ends the instance, and then the answer: the last line is for who listens.</summary>
    private async IAsyncEnumerable<OneOffNews> RunAsync(RunRequest request, [EnumeratorCancellation] CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, runnerEnds);
        await foreach (var news in stack.RunAsync(request, either.Token))
        {
            yield return news;
        }
    }

    private static Task ComplainAsync(HttpContext context, string complaint) => JsonExchange.WriteProblemAsync(
        context, new Problem("urn:wasmrun:bad-request", "The query cannot be read", StatusCodes.Status400BadRequest, complaint));

    private static bool TryReadQuery(IQueryCollection parameters, out LogQuery query, out string complaint)
    {
        query = new LogQuery { Services = [.. parameters["service"].OfType<string>()], Follow = parameters["follow"] == "true" };
        complaint = string.Empty;
        int? index = null;
        DateTimeOffset? since = null;
        DateTimeOffset? until = null;
        complaint = TryReadNumber(parameters, "tail", out var tail)
            ?? TryReadNumber(parameters, "index", out index)
            ?? TryReadMoment(parameters, "since", out since)
            ?? TryReadMoment(parameters, "until", out until)
            ?? string.Empty;
        query = query with { Tail = tail, Index = index, Since = since, Until = until };
        return complaint.Length == 0;
    }

    private static string? TryReadNumber(IQueryCollection parameters, string name, out int? number)
    {
        number = null;
        if (parameters[name].FirstOrDefault() is not { } text)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return $"{name}: '{text}' is not a number";
        }

        number = value;
        return null;
    }

    private static string? TryReadMoment(IQueryCollection parameters, string name, out DateTimeOffset? moment)
    {
        moment = null;
        if (parameters[name].FirstOrDefault() is not { } text)
        {
            return null;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var value))
        {
            return $"{name}: '{text}' is not a moment as RFC 3339 writes it";
        }

        moment = value;
        return null;
    }
}
