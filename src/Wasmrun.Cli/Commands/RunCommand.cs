using System.CommandLine;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Running;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Flags;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun run SERVICE</c>: an instance of a service that runs once in its stack.</summary>
internal sealed class RunCommand
{
    internal const string Name = "run";

    private readonly Argument<string> _service = new("SERVICE") { Description = "Service whose module or project is run" };
    private readonly Argument<string[]> _arguments = new("ARGS")
    {
        Description = "Arguments of the guest instead of the service's, flags included",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _name = new("--name") { Description = "Name of the instance; default: SERVICE-run- and something random", HelpName = "NAME" };
    private readonly Option<string?> _entrypoint = new("--entrypoint") { Description = "What starts the project, instead of the service's own and its arguments", HelpName = "FILE" };
    private readonly Option<string[]> _environment = CommonOptions.Repeatable("--env", "Variable of the guest; a name alone takes this shell's value", "NAME=VALUE", "-e");
    private readonly Option<string[]> _volumes = CommonOptions.Repeatable("--volume", "Folder, file or named volume beside the service's", "SOURCE:TARGET[:ro]", "-v");
    private readonly Option<string[]> _publish = CommonOptions.Repeatable("--publish", "Forward a host port: [ADDRESS:][HOST:]GUEST[/udp]; default: none", "H:G", "-p");
    private readonly Option<bool> _servicePorts = new("--service-ports") { Description = "Have the service's own forwards" };
    private readonly Option<bool> _noDependencies = new("--no-deps") { Description = "Leave out what the service depends on" };
    private readonly Option<bool> _build = new("--build") { Description = "Run the service's build command even if nothing asks for it" };
    private readonly Option<bool> _install = Installation.Option();
    private readonly Option<bool> _remove = new("--rm") { Description = "For who is used to it: the instance is always removed" };
    private readonly Option<bool> _noTerminal = new("--no-tty", "-T") { Description = "For who is used to it: the guest never has a terminal" };

    internal static Command Create(CommandHost host)
    {
        var run = new RunCommand();
        var command = new Command(Name, "Run a service once, in its stack: migrations, seeds, tests")
        {
            run._service, run._arguments, run._name, run._entrypoint, run._environment, run._volumes, run._publish, run._servicePorts,
            run._noDependencies, run._build, run._install, run._remove, run._noTerminal,
        };
        host.Run(command, run.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CommandScope scope, CancellationToken token)
    {
        var flags = Read(parsed);
        var printer = new DiagnosticPrinter(scope.Screen);
        var (source, manifest) = Load(scope, flags.Service);
        printer.Print(manifest.Diagnostics, manifest.Sources.LineAt);
        if (manifest.Stack is not { } stack)
        {
            return ExitCodes.InvalidManifest;
        }

        if (Find(stack, flags.Service) is not { } service)
        {
            scope.Replies.ReportUnknown([flags.Service], [.. stack.Services.Select(known => known.Name)]);
            return ExitCodes.Failure;
        }

        var (oneOff, diagnostics) = OneOffReader.Read(service, flags, scope.Environment.WorkingDirectory, scope.Environment.Variables);
        printer.Print(diagnostics, static _ => null);
        if (oneOff is null)
        {
            return ExitCodes.InvalidManifest;
        }

        var request = new RunRequest(source with { Project = stack.Name }, flags) { Build = parsed.GetValue(_build), DryRun = scope.Settings.DryRun };
        if (request.DryRun)
        {
            return await new DryRun(scope, manifest).RunAsync(stack.Name, (control, token) => PreviewAsync(control, request, token), token);
        }

        return parsed.GetValue(_install) && !await Installation.RunAsync(scope, flags.NoDependencies ? [service] : stack.Services, verbose: false, token)
            ? ExitCodes.Failure
            : await new OneOffRunner(scope, manifest, request).RunAsync(stack, token);
    }

    private OneOffFlags Read(ParseResult parsed) => new(parsed.GetRequiredValue(_service))
    {
        Name = parsed.GetValue(_name),
        Arguments = parsed.GetValue(_arguments)!,
        Entrypoint = parsed.GetValue(_entrypoint),
        Environment = parsed.GetValue(_environment) ?? [],
        Volumes = parsed.GetValue(_volumes) ?? [],
        Publish = parsed.GetValue(_publish) ?? [],
        ServicePorts = parsed.GetValue(_servicePorts),
        NoDependencies = parsed.GetValue(_noDependencies),
    };

    /// <summary>Who names a service wants it whatever profile it is in, and its profile with it.</summary>
    private static (StackSource Source, ManifestResult Manifest) Load(CommandScope scope, string service)
    {
        var source = scope.Source(project: null);
        var manifest = ManifestLoader.Load(source.ToRequest());
        if (manifest.Stack is { } stack && Find(stack, service) is not null)
        {
            return (source, manifest);
        }

        var all = ManifestLoader.Load((source with { Profiles = ["*"] }).ToRequest());
        if (all.Stack is null || Find(all.Stack, service) is not { } hidden)
        {
            return (source, manifest);
        }

        source = source with { Profiles = [.. source.Profiles, .. hidden.Profiles] };
        return (source, ManifestLoader.Load(source.ToRequest()));
    }

    private static ServiceSpec? Find(StackSpec stack, string name) =>
        stack.Services.FirstOrDefault(service => string.Equals(service.Name, name, StringComparison.Ordinal));

    private static async Task<ApplyReply> PreviewAsync(IStackControl stack, RunRequest request, CancellationToken token)
    {
        await foreach (var news in stack.RunAsync(request, token))
        {
            if (news is OneOffNews.Answered { Reply: var reply })
            {
                return reply;
            }
        }

        throw new InvalidDataException("the runner has not answered");
    }
}
