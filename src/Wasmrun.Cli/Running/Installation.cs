using System.CommandLine;
using Wasmrun.Cli.Commands;
using Wasmrun.Manifest.Specs;
using Wasmrun.Runtimes;

namespace Wasmrun.Cli.Running;

/// <summary><c>--install</c>: installs what projects lack before anything is started.</summary>
internal static class Installation
{
    internal static Option<bool> Option() => new("--install") { Description = "Install missing requirements of Python projects with the host's pip, into .wasmrun/" };

    /// <summary>Says what cannot be installed.</summary>
    /// <param name="verbose">Whether to show all that the installer warns of.</param>
    /// <returns>Whether everything is there.</returns>
    internal static async Task<bool> RunAsync(CommandScope scope, IEnumerable<ServiceSpec> services, bool verbose, CancellationToken token)
    {
        foreach (var service in services.DistinctBy(service => service.Project, StringComparer.Ordinal))
        {
            var complaint = service.Project is null
                ? null
                : await HostInstaller.InstallAsync(new(service.Project, service.Language, service.Entrypoint), scope.Screen.Tell, verbose ? scope.Screen.Tell : null, token);
            if (complaint is not null)
            {
                scope.Replies.TellError(complaint);
                return false;
            }
        }

        return true;
    }
}
