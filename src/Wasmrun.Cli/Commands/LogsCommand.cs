using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Wasmrun.Cli.Rendering;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun logs</c>: what the guests wrote, from the beginning or from now on.</summary>
internal sealed class LogsCommand
{
    private readonly Argument<string[]> _services = new("SERVICE") { Description = "Services; all when none is named", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with what is written from now on" };
    private readonly Option<string?> _tail = new("--tail", "-n") { Description = "Number of lines from the end of each service's log, or all", HelpName = "N" };
    private readonly Option<string?> _since = MomentOption.Create("--since", "Only lines since a moment (2026-01-31T12:00:00Z) or a while ago (10m)");
    private readonly Option<string?> _until = MomentOption.Create("--until", "Only lines before a moment or a while ago");
    private readonly Option<bool> _timestamps = new("--timestamps", "-t") { Description = "Show when each line was written" };
    private readonly Option<bool> _noPrefix = new("--no-log-prefix") { Description = "Leave out which service a line is from" };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "Print without colours" };
    private readonly Option<int?> _index = CommonOptions.Number("Number of the instance, when the service has several", "N", "--index");
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object a line" };

    internal static Command Create(CommandHost host)
    {
        var logs = new LogsCommand();
        var command = new Command("logs", "Show what the services print")
        {
            logs._services, logs._follow, logs._tail, logs._since, logs._until, logs._timestamps, logs._noPrefix, logs._noColor, logs._index, logs._json,
        };
        logs._tail.Validators.Add(result => CheckTail(result));
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            (runner, token) => logs.RunAsync(parsed, scope, runner, token), token));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CommandScope scope, FoundRunner runner, CancellationToken token)
    {
        var names = parsed.GetValue(_services)!;
        var statuses = await runner.Client.GetServicesAsync(token);
        var unknown = names.Except(statuses.Select(status => status.Service), StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            scope.Replies.ReportUnknown(unknown, [.. statuses.Select(status => status.Service).Distinct(StringComparer.Ordinal)]);
            return ExitCodes.Failure;
        }

        var now = scope.Environment.Time.GetUtcNow();
        var query = new LogQuery
        {
            Services = names,
            Index = parsed.GetValue(_index),
            Follow = parsed.GetValue(_follow),
            Tail = Tail(parsed.GetValue(_tail)),
            Since = MomentOption.Read(parsed.GetValue(_since), now),
            Until = MomentOption.Read(parsed.GetValue(_until), now),
        };
        var pump = new LogPump(new RenderedLines(scope.Screen, parsed.GetValue(_json) ? WriteJson : Renderer(parsed, scope, statuses).Render), scope.Environment.Time);
        await pump.RunAsync(runner.Client.ReadLogsAsync(query, token), token);
        return ExitCodes.Success;
    }

    private LogRenderer Renderer(ParseResult parsed, CommandScope scope, IReadOnlyList<ServiceStatus> statuses) => new(
        statuses.Select(status => (status.Service, status.Name)),
        new LogStyle(!parsed.GetValue(_noPrefix), parsed.GetValue(_timestamps)),
        parsed.GetValue(_noColor) ? Terminal.Palette.None : scope.Screen.OutputColors,
        scope.Screen.OutputIsTerminal);

    private static void WriteJson(LogLine line, IBufferWriter<byte> to)
    {
        using (var writer = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = ControlJson.For<LogLine>().Options.Encoder }))
        {
            JsonSerializer.Serialize(writer, line, ControlJson.For<LogLine>());
        }

        to.Write("\n"u8);
    }

    private static int? Tail(string? text) => text is null or "all" ? null : int.Parse(text, CultureInfo.InvariantCulture);

    private static void CheckTail(OptionResult result)
    {
        if (result.Tokens.SingleOrDefault()?.Value is { } text && text is not "all" && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            result.AddError($"--tail: '{text}' is neither a number of lines nor 'all'.");
        }
    }
}
