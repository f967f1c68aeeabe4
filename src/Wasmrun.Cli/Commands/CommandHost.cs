using System.CommandLine;
using System.ComponentModel;
using System.Text.Json;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Client;
using Wasmrun.Control.Folders;
using Wasmrun.Runtimes.Packages;

namespace Wasmrun.Cli.Commands;

/// <summary>
/// Runs a command's work: reads the flags, makes the scope, and turns what can go wrong around every command, a closed pipe or a runner
/// that disappeared, into a message and an exit code.
/// </summary>
internal sealed class CommandHost(CliEnvironment environment, GlobalOptions globals)
{
    internal void Run(Command command, Func<ParseResult, CommandScope, CancellationToken, Task<int>> work) =>
        command.SetAction(async (parsed, token) =>
        {
            var (settings, complaints) = globals.Read(parsed);
            if (complaints.Count > 0)
            {
                return UsageErrors.Report(complaints, command, environment);
            }

            var scope = new CommandScope(environment, settings);
            try
            {
                var code = await work(parsed, scope, token);
                return code == ExitCodes.Success && scope.Screen.HasLostMessages && !HasCodeOfGuest(command) ? ExitCodes.Failure : code;
            }
            catch (OutputClosedException)
            {
                // The result has no reader any more; what could not be told of a failure does not come here.
                return ExitCodes.Success;
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
            catch (Exception error) when (Explain(error) is { } explanation)
            {
                scope.Replies.TellError(explanation);
                return ExitCodes.Failure;
            }
        });

    /// <summary>Whether the exit code is the guest's own, which what the runner has to say does not change.</summary>
    private static bool HasCodeOfGuest(Command command) => command.Name is OsCommand.Name or RunCommand.Name;

    /// <summary>What to say about a failure that is not a bug of this program; null lets a bug be seen as one.</summary>
    private static string? Explain(Exception error) => error switch
    {
        UntrustedFolderException or RunnerSilentException or RunnerRefusedException or PackageFetchException => error.Message,
        HttpRequestException or HttpIOException => $"the runner ended before it had answered ({error.Message})",
        JsonException or InvalidDataException => $"the runner answered something unexpected, perhaps it is of another version ({error.Message})",
        IOException or UnauthorizedAccessException or Win32Exception => error.Message,
        _ => null,
    };
}
