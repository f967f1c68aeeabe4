using System.CommandLine;

namespace Wasmrun.Cli.Commands;

/// <summary>Flags that several commands have.</summary>
internal static class CommonOptions
{
    internal static Option<int?> Timeout()
    {
        var option = new Option<int?>("--timeout", "-t")
        {
            Description = "Seconds until a service that does not stop is ended; default: its stop_grace_period",
            HelpName = "SECONDS",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.GetValueOrDefault<int?>() is < 0)
            {
                result.AddError("--timeout: the number of seconds cannot be negative.");
            }
        });
        return option;
    }

    internal static TimeSpan? Seconds(int? value) => value is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
