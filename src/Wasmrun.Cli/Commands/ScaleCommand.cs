using System.CommandLine;
using Wasmrun.Cli.Running;
using Wasmrun.Control.Api;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun scale SERVICE=N</c>: runs another number of replicas of services of a running stack.</summary>
internal static class ScaleCommand
{
    internal static Command Create(CommandHost host)
    {
        var services = new Argument<string[]>(ScaleOption.HelpName) { Description = "Services, and how many replicas of each are to run", Arity = ArgumentArity.OneOrMore };
        var noDependencies = new Option<bool>("--no-deps") { Description = "Leave out what the services depend on" };
        services.Validators.Add(result =>
        {
            foreach (var complaint in result.Tokens.Select(token => ScaleOption.Complaint(token.Value)).OfType<string>())
            {
                result.AddError(complaint);
            }
        });
        var command = new Command("scale", "Run another number of replicas; those that stay notice nothing") { services, noDependencies };
        host.Run(command, (parsed, scope, token) => new ClientCommand(scope).RunAsync(
            async (runner, token) =>
            {
                var request = new ScaleRequest(ScaleOption.Read(parsed.GetValue(services)!), parsed.GetValue(noDependencies)) { DryRun = scope.Settings.DryRun };
                var reply = request.DryRun ? await runner.Client.ScaleAsync(request, token) : await new WatchedChange(scope, runner.Client).RunAsync(token => runner.Client.ScaleAsync(request, token), token);
                return scope.Replies.Report(reply, manifest: null);
            },
            token));
        return command;
    }
}
