using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;

namespace Wasmrun.Cli.Running.Telemetry;

/// <summary>Sends at the end what was not sent yet, and waits for a collector that does not answer no longer than a user would.</summary>
internal sealed class LastExport(IServiceProvider services) : IHostedService
{
    private const int PatienceMilliseconds = 1000;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(PatienceMilliseconds), CancellationToken.None),
        Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(PatienceMilliseconds), CancellationToken.None));
}
