using System.CommandLine;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Commands;

/// <summary>All commands with their flags and examples, and the way from arguments to an exit code.</summary>
internal static class CommandTree
{
    internal static async Task<int> RunAsync(string[] arguments, CliEnvironment environment)
    {
        try
        {
            return await ParseAndRunAsync(arguments, environment);
        }
        catch (OutputClosedException)
        {
            return ExitCodes.Success;
        }
        catch (IOException failure)
        {
            // The help, or the version; commands tell by themselves.
            UsageErrors.Tell($"error: {failure.Message}\n", environment);
            return ExitCodes.Failure;
        }
    }

    private static async Task<int> ParseAndRunAsync(string[] arguments, CliEnvironment environment)
    {
        if (arguments is ["--version"])
        {
            // Asked often by scripts: without building the tree of commands.
            PrintVersion.Print(environment);
            return ExitCodes.Success;
        }

        var root = Create(environment);
        var parsed = root.Parse(GuestArguments.Separate(arguments, root));
        if (UnknownOptions.Find(parsed) is { Count: > 0 } unknown)
        {
            return UsageErrors.Report(unknown, parsed.CommandResult.Command, environment);
        }

        if (parsed.Errors.Count > 0)
        {
            return UsageErrors.Report(parsed, environment);
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    internal static RootCommand Create(CliEnvironment environment)
    {
        var globals = new GlobalOptions(environment.Variables);
        var host = new CommandHost(environment, globals);
        var root = new RootCommand("Runs a stack of WebAssembly services from one manifest, each in its own sandbox and network.");
        globals.AddAllTo(root);
        globals.AddDryRunTo(root);
        var up = UpCommand.Create(host);
        globals.AddDryRunTo(up);
        Add(up, "wasmrun up", "wasmrun up -d --wait", "wasmrun -f stack.yaml up web");
        Add(RunCommand.Create(host), "wasmrun run migrate", "wasmrun run --rm -e LOG=debug web --check", "wasmrun run -v ./data:/data seed /data/all.json");
        Add(DownCommand.Create(host), "wasmrun down", "wasmrun down -v");
        Add(PsCommand.Create(host), "wasmrun ps -a", "wasmrun ps --format json");
        Add(LogsCommand.Create(host), "wasmrun logs -f web", "wasmrun logs --since 10m --tail 100");
        Add(ChangeCommands.CreateRestart(host), "wasmrun restart web");
        Add(ChangeCommands.CreateStop(host), "wasmrun stop web -t 3");
        Add(ChangeCommands.CreateStart(host), "wasmrun start web");
        Add(ChangeCommands.CreateKill(host), "wasmrun kill web");
        Add(ScaleCommand.Create(host), "wasmrun scale web=3", "wasmrun scale web=2 worker=0");
        Add(WaitCommand.Create(host), "wasmrun wait migrate");
        Add(EventsCommand.Create(host), "wasmrun events", "wasmrun events --json web");
        Add(StatsCommand.Create(host), "wasmrun stats", "wasmrun stats --no-stream --format json web");
        Add(TopCommand.Create(host), "wasmrun top");
        Add(WatchCommand.Create(host), "wasmrun watch", "wasmrun watch --no-up web");
        Add(PortCommand.Create(host), "curl http://$(wasmrun port web 3000)/");
        Add(ConfigCommand.Create(host), "wasmrun config", "wasmrun -f a.yaml -f b.yaml config -q");
        Add(LsCommand.Create(host), "wasmrun ls");
        root.Add(CreateRuntime(host, globals));
        Add(RunnerCommand.Create(host));

        var os = OsCommand.Create(host);
        globals.AddTerminalTo(os);
        HelpWithExamples.AddTo(os, ["wasmrun os ./server.wasm --forward 8080:3000", "wasmrun os ./tool.wasm -- --help"]);
        root.Add(os);

        ReplaceVersion(root, environment);
        root.SetAction(HelpWithExamples.AddTo(root, ["wasmrun up", "wasmrun up -d", "wasmrun ps", "wasmrun down"]).Invoke);
        return root;

        void Add(Command command, params string[] examples)
        {
            globals.AddAllTo(command);
            if (command.Name is "down" or "restart" or "stop" or "start" or "kill" or "scale" or "run")
            {
                globals.AddDryRunTo(command);
            }

            HelpWithExamples.AddTo(command, examples);
            root.Add(command);
        }
    }

    private static Command CreateRuntime(CommandHost host, GlobalOptions globals)
    {
        var runtime = new Command("runtime", "Show, fetch and remove the language runtimes");
        Add(RuntimeCommand.CreateList(host), "wasmrun runtime ls");
        Add(RuntimeCommand.CreatePull(host), "wasmrun runtime pull", "wasmrun runtime pull python");
        Add(RuntimeCommand.CreatePrune(host), "wasmrun runtime prune", "wasmrun runtime prune --all");
        HelpWithExamples.AddTo(runtime, ["wasmrun runtime ls", "wasmrun runtime pull"]);
        return runtime;

        void Add(Command command, params string[] examples)
        {
            globals.AddTerminalTo(command);
            HelpWithExamples.AddTo(command, examples);
            runtime.Add(command);
        }
    }

    private static void ReplaceVersion(RootCommand root, CliEnvironment environment)
    {
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        root.Add(new VersionOption { Action = new PrintVersion(environment) });
    }
}
