using System.CommandLine;
using Wasmrun.Cli.Running;
using Wasmrun.Control.Api;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun restart</c>, <c>stop</c>, <c>start</c> and <c>kill</c>: one change to some or all services of a running stack.</summary>
internal static class ChangeCommands
{
    internal static Command CreateRestart(CommandHost host) => Create(
        host,
        "restart",
        "Restart services; their forwards stay open, clients wait instead of being refused",
        CommonOptions.Timeout(),
        (stack, request, token) => stack.RestartAsync(request, token));

    internal static Command CreateStop(CommandHost host) => Create(
        host,
        "stop",
        "Stop services, dependents first; they stay known and can be started again",
        CommonOptions.Timeout(),
        (stack, request, token) => stack.StopAsync(request, token));

    internal static Command CreateStart(CommandHost host) => Create(
        host,
        "start",
        "Start stopped services and what they depend on",
        timeout: null,
        (stack, request, token) => stack.StartAsync(request, token));

    internal static Command CreateKill(CommandHost host) => Create(
        host,
        "kill",
        "End services at once, without a grace period",
        timeout: null,
        (stack, request, token) => stack.KillAsync(request, token));

    private static Command Create(
        CommandHost host,
        string name,
        string description,
        Option<int?>? timeout,
        Func<IStackControl, ServicesRequest, CancellationToken, Task<ApplyReply>> change)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "Services; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(name, description) { services };
        if (timeout is not null)
        {
            command.Add(timeout);
        }

        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                var grace = timeout is null ? null : CommonOptions.Seconds(parsed.GetValue(timeout));
                var request = new ServicesRequest(parsed.GetValue(services)!, grace) { DryRun = scope.Settings.DryRun };
                var reply = request.DryRun
                    ? await change(runner.Client, request, token)
                    : await new WatchedChange(scope, runner.Client).RunAsync(token => change(runner.Client, request, token), token);
                return scope.Replies.Report(reply, manifest: null);
            },
            token));
        return command;
    }
}
