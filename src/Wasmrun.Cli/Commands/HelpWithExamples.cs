using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Wasmrun.Cli.Commands;

/// <summary>The usual help, and below it how the command is used in practice.</summary>
internal sealed class HelpWithExamples(HelpAction usual, IReadOnlyList<string> examples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (examples.Count == 0)
        {
            return exitCode;
        }

        output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            output.WriteLine($"  {example}");
        }

        output.WriteLine();
        return exitCode;
    }

    /// <summary>Gives the command this help.</summary>
    internal static HelpWithExamples AddTo(Command command, IReadOnlyList<string> examples)
    {
        if (command.Options.OfType<HelpOption>().SingleOrDefault() is { } present)
        {
            command.Options.Remove(present);
        }

        var help = new HelpWithExamples(new HelpAction(), examples);
        command.Add(new HelpOption { Action = help });
        return help;
    }
}
