using System.CommandLine;
using System.Text.Json;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Api;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun events</c>: what happens to a running stack, before and from now on, until it is taken down.</summary>
internal static class EventsCommand
{
    internal static Command Create(CommandHost host)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "Services to tell of; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line" };
        var since = MomentOption.Create("--since", "Also what happened since a moment (2026-01-31T12:00:00Z) or a while ago (10m)");
        var until = MomentOption.Create("--until", "Only what happens before a moment or a while ago, then end");
        var command = new Command("events", "Show what happens to the stack, from now on") { services, since, until, json };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                var now = scope.Environment.Time.GetUtcNow();
                var query = new EventQuery(MomentOption.Read(parsed.GetValue(since), now), MomentOption.Read(parsed.GetValue(until), now));
                var happenings = await runner.Client.SubscribeAsync(query, token);
                var wanted = parsed.GetValue(services)!;
                var known = (await runner.Client.GetServicesAsync(token)).Select(service => service.Service).Distinct(StringComparer.Ordinal).ToList();
                var unknown = wanted.Except(known, StringComparer.Ordinal).ToList();
                if (unknown.Count > 0)
                {
                    scope.Replies.ReportUnknown(unknown, known);
                    return ExitCodes.Failure;
                }

                var render = parsed.GetValue(json) ? (Func<StackEvent, string>)WriteJson : EventText.Listed;
                await foreach (var happened in happenings)
                {
                    // What concerns the whole stack, such as events that were missed, concerns every service.
                    if (wanted.Length == 0 || happened.Service is null || wanted.Contains(happened.Service, StringComparer.Ordinal))
                    {
                        scope.Screen.WriteLine(render(happened));
                    }
                }

                return ExitCodes.Success;
            },
            token));
        return command;
    }

    private static string WriteJson(StackEvent happened) => JsonSerializer.Serialize(EventRow.Of(happened), CliJsonContext.Relaxed.EventRow);
}
