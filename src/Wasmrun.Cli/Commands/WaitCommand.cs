using System.CommandLine;
using System.Globalization;
using Wasmrun.Control.Api;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun wait</c>: until services have ended and are not to be restarted, and with which code they did.</summary>
internal static class WaitCommand
{
    internal static Command Create(CommandHost host)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "Services to wait for", Arity = ArgumentArity.OneOrMore };
        var command = new Command("wait", "Wait until services have ended, and print their exit codes") { services };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                var wanted = parsed.GetValue(services)!.Distinct(StringComparer.Ordinal).ToList();
                switch (await runner.Client.WaitAsync(new WaitRequest(WaitCondition.Ended, wanted, Timeout: null), token))
                {
                    case WaitResult.Reached reached:
                        return Report(scope, wanted, reached.ExitCodes);
                    case WaitResult.UnknownServices unknown:
                        scope.Replies.ReportUnknown(unknown.Names, unknown.Known);
                        return ExitCodes.Failure;
                    case var other:
                        throw new InvalidOperationException($"a wait without a limit ended as {other.GetType()}");
                }
            },
            token));
        return command;
    }

    /// <summary>One code a line, in the order of the names; the first that is not 0 becomes the command's.</summary>
    private static int Report(CommandScope scope, List<string> services, IReadOnlyDictionary<string, int> exitCodes)
    {
        var result = ExitCodes.Success;
        foreach (var service in services)
        {
            if (exitCodes.TryGetValue(service, out var code))
            {
                scope.Screen.WriteLine(code.ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                code = ExitCodes.Failure;
                scope.Replies.TellError($"service '{service}' ended without an exit code");
            }

            result = result == ExitCodes.Success ? code : result;
        }

        return result;
    }
}
