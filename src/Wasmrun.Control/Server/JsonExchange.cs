using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Wasmrun.Control.Api;

namespace Wasmrun.Control.Server;

/// <summary>Bodies of requests and responses: JSON, JSON lines, and problem details for every refusal.</summary>
internal static class JsonExchange
{
    /// <summary>Reads the body, or answers 400 and gives null.</summary>
    internal static async Task<T?> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var contract = ControlJson.For<T>();
        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.Body, contract, context.RequestAborted) is { } body)
            {
                if (RequestCheck.Complain(body, contract) is not { } complaint)
                {
                    return body;
                }

                await WriteProblemAsync(context, new Problem(
                    "urn:wasmrun:bad-request", "The body of the request cannot be used", StatusCodes.Status400BadRequest, complaint));
                return null;
            }
        }
        catch (JsonException error)
        {
            await WriteProblemAsync(context, new Problem(
                "urn:wasmrun:bad-request", "The body of the request cannot be read", StatusCodes.Status400BadRequest, UnreadableBody.Describe(error, contract)));
            return null;
        }

        await WriteProblemAsync(context, new Problem("urn:wasmrun:bad-request", "The request has no body", StatusCodes.Status400BadRequest, "a JSON object is wanted"));
        return null;
    }

    internal static Task WriteAsync<T>(HttpContext context, T value)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, ControlJson.For<T>(), context.RequestAborted);
    }

    internal static Task WriteProblemAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = Problem.ContentType;
        return JsonSerializer.SerializeAsync(context.Response.Body, problem, ControlJson.For<Problem>(), context.RequestAborted);
    }

    /// <summary>Answers a request that changes the stack: 200 when it was carried out, a problem otherwise.</summary>
    internal static Task WriteReplyAsync(HttpContext context, ApplyReply reply) => reply switch
    {
        ApplyReply.Applied or ApplyReply.Planned => WriteAsync(context, reply),
        ApplyReply.ManifestInvalid => WriteProblemAsync(context, new Problem(
            "urn:wasmrun:manifest-invalid", "The manifest cannot be used", StatusCodes.Status422UnprocessableEntity, "nothing was changed", reply)),
        ApplyReply.PortsTaken => WriteProblemAsync(context, new Problem(
            "urn:wasmrun:ports-taken", "Host ports are taken", StatusCodes.Status409Conflict, "nothing was changed", reply)),
        ApplyReply.ModulesUnusable => WriteProblemAsync(context, new Problem(
            "urn:wasmrun:modules-unusable", "Modules cannot be loaded", StatusCodes.Status422UnprocessableEntity, "nothing was changed", reply)),
        ApplyReply.UnknownServices => WriteProblemAsync(context, new Problem(
            "urn:wasmrun:unknown-services", "No such service", StatusCodes.Status404NotFound, "nothing was changed", reply)),
        ApplyReply.Refused refused => WriteProblemAsync(context, new Problem(
            "urn:wasmrun:refused", "That cannot be", StatusCodes.Status422UnprocessableEntity, string.Join("; ", refused.Complaints), reply)),
        ApplyReply.Abandoned abandoned => WriteProblemAsync(context, new Problem(
            "urn:wasmrun:abandoned", "Another command has overruled this one", StatusCodes.Status409Conflict, abandoned.Reason, reply)),
        _ => throw new InvalidOperationException($"no answer for {reply.GetType()}"),
    };

    /// <summary>Writes each item as a line as soon as it is there; the head goes out before the first one.</summary>
    /// <param name="progress">Is told how far the reader is.</param>
    /// <param name="token">Ends the reading; what was read is written all the same.</param>
    internal static async Task WriteLinesAsync<T>(
        HttpContext context, Func<CancellationToken, IAsyncEnumerable<T>> read, StreamProgress progress, CancellationToken token)
    {
        context.Response.ContentType = ControlRoutes.JsonLines;
        await context.Response.StartAsync(token);
        await context.Response.Body.FlushAsync(token);

        using var reading = CancellationTokenSource.CreateLinkedTokenSource(token);
        var output = context.Response.BodyWriter;
        var contract = ControlJson.For<T>();
        await using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = contract.Options.Encoder, SkipValidation = true });
        await using var items = read(reading.Token).GetAsyncEnumerator(reading.Token);
        var next = items.MoveNextAsync().AsTask();
        try
        {
            while (await next)
            {
                progress.Move();
                JsonSerializer.Serialize(writer, items.Current, contract);
                writer.Flush();
                writer.Reset();
                output.Write("\n"u8);

                // A flood is flushed in pieces, a single line at once.
                next = items.MoveNextAsync().AsTask();
                if (!next.IsCompleted || output.UnflushedBytes > FlushAtBytes)
                {
                    progress.BeginWriting();
                    await output.FlushAsync(context.RequestAborted);
                    progress.EndWriting();
                }
            }

            await output.FlushAsync(context.RequestAborted);
        }
        finally
        {
            // A reader must not be disposed while it is asked for the next item.
            await reading.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private const int FlushAtBytes = 32 * 1024;
}
