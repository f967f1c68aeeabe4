using System.CommandLine;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Running;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Control.Client;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Cli.Commands;

/// <summary>
/// <c>wasmrun watch</c>: brings the stack up in the background, and reloads its services when their files change, for as long as this
/// command runs. The stack outlives it.
/// </summary>
internal static class WatchCommand
{
    internal const string Name = "watch";

    internal static Command Create(CommandHost host)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "Services to watch; all when none is named", Arity = ArgumentArity.ZeroOrMore };
        var noUp = new Option<bool>("--no-up") { Description = "Do not bring the stack up first; it must be running" };
        var command = new Command(Name, "Reload services when their files change") { services, noUp };
        host.Run(command, async (parsed, scope, token) =>
        {
            var manifest = scope.LoadManifest();
            new DiagnosticPrinter(scope.Screen).Print(manifest.Diagnostics, manifest.Sources.LineAt);
            if (manifest.Stack is not { } stack)
            {
                return ExitCodes.InvalidManifest;
            }

            var options = new ApplyOptions { Services = parsed.GetValue(services)! };
            if (!parsed.GetValue(noUp))
            {
                var code = await new DetachedUp(scope, manifest, UpOptions.Detached(options)).RunAsync(stack.Name, token);
                using var runner = await new RunnerFinder(scope.Environment.Time).FindAsync(scope.Folder(stack.Name), token);
                if (runner is null)
                {
                    return code;
                }
            }

            return await new ClientCommand(scope).RunAsync(
                (runner, token) => WatchAsync(scope, runner.Client, new WatchRequest(scope.Source(stack.Name), options), token), token);
        });
        return command;
    }

    private static async Task<int> WatchAsync(CommandScope scope, ControlClient stack, WatchRequest request, CancellationToken token)
    {
        using var termination = SignalTermination.Listen(scope.Environment.Time, ignoreHangup: false);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(token);
        var told = TellAsync(scope, await stack.SubscribeAsync(EventQuery.FromNowOn, watching.Token));
        var watch = stack.WatchAsync(request, watching.Token);
        await Task.WhenAny(watch, termination.Requested);
        if (!termination.Requested.IsCompleted)
        {
            // Refused, or the stack was taken down.
            await watch;
        }

        await watching.CancelAsync();
        await ((Task)watch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await told.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCodes.Success;
    }

    private static async Task TellAsync(CommandScope scope, IAsyncEnumerable<StackEvent> happenings)
    {
        await foreach (var happened in happenings)
        {
            if (EventText.BetweenLogs(happened, scope.Screen.ErrorColors) is { } line)
            {
                scope.Screen.Tell(line);
            }
        }
    }
}
