using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;

namespace Wasmrun.Cli.Commands;

/// <summary><c>wasmrun --version</c>.</summary>
internal sealed class PrintVersion(CliEnvironment environment) : SynchronousCommandLineAction
{
    /// <summary>Without the number of the commit that the build appends.</summary>
    internal static string Version { get; } = typeof(PrintVersion).Assembly.GetName().Version!.ToString(3);

    public override int Invoke(ParseResult parseResult)
    {
        Print(environment);
        return ExitCodes.Success;
    }

    internal static void Print(CliEnvironment environment) => environment.Output.Write(Encoding.UTF8.GetBytes($"{Version}\n"));
}
