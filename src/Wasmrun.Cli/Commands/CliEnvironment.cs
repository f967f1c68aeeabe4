using System.Text;
using Microsoft.Win32.SafeHandles;
using Wasmrun.Cli.Terminal;

namespace Wasmrun.Cli.Commands;

/// <summary>Everything that commands use of their process, so that tests can run them without one.</summary>
/// <param name="Variables">The environment variables.</param>
/// <param name="WorkingDirectory">Absolute.</param>
/// <param name="ReadStandardInput">Reads all of it, for <c>-f -</c>.</param>
internal sealed record CliEnvironment(
    IReadOnlyDictionary<string, string> Variables,
    string WorkingDirectory,
    Func<string> ReadStandardInput,
    IOutput Output,
    IOutput Error,
    TimeProvider Time)
{
    internal static CliEnvironment OfProcess()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? string.Empty;
        }

        return new CliEnvironment(
            variables, Environment.CurrentDirectory, ReadDescriptor, new DescriptorOutput(1), new DescriptorOutput(2), TimeProvider.System);
    }

    /// <summary>Not through the console class, which changes the terminal's mode as soon as its reader is touched.</summary>
    private static string ReadDescriptor()
    {
        using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read);
        using var reader = new StreamReader(input, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
