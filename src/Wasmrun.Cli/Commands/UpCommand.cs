using System.CommandLine;
using System.CommandLine.Parsing;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Running;
using Wasmrun.Control.Api;
using Wasmrun.Reconciliation.Applying;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun up</c>: brings the stack up, here or detached.</summary>
internal sealed class UpCommand
{
    private readonly Argument<string[]> _services = new("SERVICE")
    {
        Description = "Services to bring up, with what they depend on; all when none is named",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _detach = new("--detach", "-d") { Description = "Return when the stack is up; it runs on in the background" };
    private readonly Option<bool> _wait = new("--wait") { Description = "Return when the services are ready; implies --detach" };
    private readonly Option<int?> _waitTimeout = CommonOptions.Number("Seconds that --wait may take", "SECONDS", "--wait-timeout");
    private readonly Option<bool> _noDependencies = new("--no-deps") { Description = "Leave out what the named services depend on" };
    private readonly Option<bool> _removeOrphans = new("--remove-orphans") { Description = "Remove running services that the manifest no longer declares" };
    private readonly Option<bool> _forceRecreate = new("--force-recreate") { Description = "Replace running services even if nothing changed" };
    private readonly Option<bool> _noColor = new("--no-color") { Description = "Print without colours" };
    private readonly Option<bool> _noPrefix = new("--no-log-prefix") { Description = "Leave out which service a line is from" };
    private readonly Option<bool> _timestamps = new("--timestamps") { Description = "Show when each line was written" };
    private readonly Option<int?> _timeout = CommonOptions.Timeout();

    private readonly Option<bool> _abortOnExit = new("--abort-on-exit") { Description = "Stop everything as soon as one service has ended" };
    private readonly Option<bool> _abortOnFailure = new("--abort-on-failure") { Description = "Stop everything as soon as one service has failed" };
    private readonly Option<string?> _exitCodeFrom = new("--exit-code-from")
    {
        Description = "End with this service's exit code; implies --abort-on-exit",
        HelpName = "SERVICE",
    };

    private readonly Option<bool> _install = Installation.Option();
    private readonly Option<bool> _build = new("--build") { Description = "Run the services' build commands even if nothing asks for it" };
    private readonly Option<string[]> _scale = new("--scale")
    {
        Description = "Number of replicas of a service, instead of what the manifest says; repeatable",
        HelpName = ScaleOption.HelpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Reload services when their files change, and the stack when the manifest does" };
    private readonly Option<string[]> _attach = Services("--attach", "Show the output of this service only; repeatable");
    private readonly Option<string[]> _noAttach = Services("--no-attach", "Do not show the output of this service; repeatable");

    internal static Command Create(CommandHost host)
    {
        var up = new UpCommand();
        var command = new Command("up", "Bring the stack up, or change a running one to what the manifest says")
        {
            up._services, up._detach, up._wait, up._waitTimeout, up._noDependencies, up._removeOrphans, up._forceRecreate, up._noColor, up._noPrefix,
            up._timestamps, up._timeout, up._abortOnExit, up._abortOnFailure, up._exitCodeFrom, up._attach, up._noAttach,
            up._build, up._install, up._scale, up._watch,
        };
        command.Validators.Add(up.CheckForeground);
        up._scale.Validators.Add(result =>
        {
            foreach (var complaint in result.Tokens.Select(token => ScaleOption.Complaint(token.Value)).OfType<string>())
            {
                result.AddError($"--scale: {complaint}");
            }
        });
        host.Run(command, up.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CommandScope scope, CancellationToken token)
    {
        var manifest = scope.LoadManifest();
        new DiagnosticPrinter(scope.Screen).Print(manifest.Diagnostics, manifest.Sources.LineAt);
        if (manifest.Stack is not { } stack)
        {
            return ExitCodes.InvalidManifest;
        }

        var options = Read(parsed, scope.Source(stack.Name));
        var unknown = Named(options.Foreground).Except(stack.Services.Select(service => service.Name), StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            scope.Replies.ReportUnknown(unknown, [.. stack.Services.Select(service => service.Name)]);
            return ExitCodes.Failure;
        }

        if (scope.Settings.DryRun)
        {
            return await new DryRun(scope, manifest).RunAsync(stack.Name, options.Apply, token);
        }

        if (parsed.GetValue(_install) && !await Installation.RunAsync(scope, stack.Services, verbose: false, token))
        {
            return ExitCodes.Failure;
        }

        return parsed.GetValue(_detach) || options.Wait
            ? await new DetachedUp(scope, manifest, options).RunAsync(stack.Name, token)
            : await new ForegroundUp(scope, manifest, options).RunAsync(stack.Name, token);
    }

    private static Option<string[]> Services(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SERVICE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>What is about the terminal cannot be had without one.</summary>
    private void CheckForeground(CommandResult result)
    {
        if (!result.GetValue(_detach) && !result.GetValue(_wait))
        {
            return;
        }

        foreach (var option in new Option[] { _watch, _abortOnExit, _abortOnFailure, _exitCodeFrom, _attach, _noAttach })
        {
            if (result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name}: that is for the foreground, without --detach and --wait.");
            }
        }
    }

    private static IEnumerable<string> Named(ForegroundOptions options) =>
        [.. options.Attach, .. options.NoAttach, .. options.End.ExitCodeFrom is { } service ? new[] { service } : []];

    private UpOptions Read(ParseResult parsed, StackSource source)
    {
        var apply = new ApplyOptions
        {
            Services = parsed.GetValue(_services)!,
            NoDependencies = parsed.GetValue(_noDependencies),
            RemoveOrphans = parsed.GetValue(_removeOrphans),
            ForceRecreate = parsed.GetValue(_forceRecreate),
            Build = parsed.GetValue(_build),
            Scale = ScaleOption.Read(parsed.GetValue(_scale) ?? []),
        };
        var foreground = new ForegroundOptions(
            parsed.GetValue(_services)!,
            new LogStyle(!parsed.GetValue(_noPrefix), parsed.GetValue(_timestamps)),
            !parsed.GetValue(_noColor),
            CommonOptions.Seconds(parsed.GetValue(_timeout)))
        {
            End = new EndRule(
                parsed.GetValue(_abortOnExit) || parsed.GetValue(_exitCodeFrom) is not null,
                parsed.GetValue(_abortOnFailure),
                parsed.GetValue(_exitCodeFrom)),
            Attach = parsed.GetValue(_attach) ?? [],
            NoAttach = parsed.GetValue(_noAttach) ?? [],
            Watch = parsed.GetValue(_watch) ? new WatchRequest(source, apply) : null,
        };
        return new UpOptions(apply, foreground, parsed.GetValue(_wait), CommonOptions.Seconds(parsed.GetValue(_waitTimeout)));
    }
}
