using System.CommandLine;
using Wasmrun.Cli.Running;
using Wasmrun.Cli.SingleModule;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun os</c>: one module or project on the same engine, without a manifest.</summary>
internal sealed class OsCommand
{
    internal const string Name = "os";

    private readonly Argument<string> _path = new("PATH") { Description = "A .wasm or .wat file, a folder with one, or a project folder" };
    private readonly Argument<string[]> _arguments = new("ARGS")
    {
        Description = "Arguments of the guest, after --",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> _forwards = CommonOptions.Repeatable("--forward", "Forward a host port: [ADDRESS:][HOST:]GUEST[/udp]; default: none", "H:G");
    private readonly Option<string[]> _environment = CommonOptions.Repeatable("--env", "Variable of the guest; a name alone takes this shell's value", "NAME=VALUE", "-e");
    private readonly Option<string[]> _volumes = CommonOptions.Repeatable("--volume", "Folder, file or named volume in the guest's file system", "SOURCE:TARGET[:ro]", "-v");
    private readonly Option<string[]> _egress = CommonOptions.Repeatable("--egress", "Destination that the guest may reach: host[:port]; default: none", "HOST");
    private readonly Option<string> _restart = new("--restart")
    {
        Description = "no, always, on-failure, on-failure:N or unless-stopped",
        HelpName = "POLICY",
        DefaultValueFactory = _ => "no",
    };

    private readonly Option<string?> _language = new("--language") { Description = "Language of the project folder; default: detected", HelpName = "NAME" };
    private readonly Option<string?> _entrypoint = new("--entrypoint") { Description = "What starts the project; default: detected", HelpName = "FILE" };
    private readonly Option<bool> _install = Installation.Option();
    private readonly Option<bool> _verbose = new("--verbose") { Description = "Tell what the runner does" };

    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Start the guest anew when its module changes" };

    internal static Command Create(CommandHost host)
    {
        var os = new OsCommand();
        var command = new Command(Name, "Run one module or project; .wasmrun.toml beside it may hold its settings")
        {
            os._path, os._arguments, os._language, os._entrypoint, os._forwards, os._environment, os._volumes, os._egress, os._restart, os._install, os._verbose, os._watch,
        };
        host.Run(command, (parsed, scope, token) => new OsRun(scope, os.Read(parsed)).RunAsync(token));
        return command;
    }

    private OsArguments Read(ParseResult parsed) => new(
        parsed.GetRequiredValue(_path),
        parsed.GetValue(_language),
        parsed.GetValue(_entrypoint),
        parsed.GetValue(_forwards) ?? [],
        parsed.GetValue(_environment) ?? [],
        parsed.GetValue(_volumes) ?? [],
        parsed.GetValue(_egress) ?? [],
        parsed.GetValue(_restart)!,
        parsed.GetValue(_verbose),
        parsed.GetValue(_watch),
        parsed.GetValue(_arguments)!)
    {
        Install = parsed.GetValue(_install),
    };
}
