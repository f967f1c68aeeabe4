using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wasmrun.Cli.Commands;
using Wasmrun.Cli.Running.Telemetry;
using Wasmrun.Control.Api;
using Wasmrun.Control.Folders;
using Wasmrun.Control.Server;

namespace Wasmrun.Cli.Running;

/// <summary>
/// The composition root of a runner: puts engine, network, supervisor, reconciler and control server together, starts them, and
/// ends them in the reverse order. Whoever makes one holds the project's lock.
/// </summary>
internal sealed class RunnerHost : IAsyncDisposable
{
    private const int StandardInput = 0;

    private readonly IHost _host;
    private readonly ProjectFolder _folder;
    private readonly RunnerLog _log;
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunnerHost(IHost host, ProjectFolder folder, RunnerLog log)
    {
        _host = host;
        _folder = folder;
        _log = log;
        Control = host.Services.GetRequiredService<ReconcilerControl>();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(_ending.SetResult);
    }

    internal ReconcilerControl Control { get; }

    /// <summary>Done when the runner is to end, because another command took the stack down or <see cref="End"/> was called.</summary>
    internal Task Ending => _ending.Task;

    internal static async Task<RunnerHost> StartAsync(CommandScope scope, ProjectFolder folder, RunnerKind kind, CancellationToken token)
    {
        // Whatever is there is a killed runner's.
        folder.RemoveRuntime();
        folder.Ensure();
        folder.RemoveAbandoned();

        var time = scope.Environment.Time;
        var log = new RunnerLog(scope.Screen, time, detailed: kind == RunnerKind.Detached);
        log.Start();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton(new ProjectInfo(
            folder.Project, Directory: null, Files: [], Environment.ProcessId, PrintVersion.Version, time.GetUtcNow(), kind == RunnerKind.Detached));
        StackServices.AddTo(builder.Services, scope, folder, log, kind == RunnerKind.Private ? StandardInput : null);
        builder.Services.AddSingleton<ReconcilerControl>();
        builder.Services.AddSingleton<IStackControl>(services => services.GetRequiredService<ReconcilerControl>());
        OpenTelemetryExport.AddTo(builder, folder.Project, scope.Environment.Variables, warning => log.Note($"warning: {warning}"));
        if (kind != RunnerKind.Private)
        {
            builder.Services.AddHostedService<ControlServer>();
        }

        var runner = new RunnerHost(builder.Build(), folder, log);
        try
        {
            await runner._host.StartAsync(token);
            return runner;
        }
        catch
        {
            await runner.DisposeAsync();
            throw;
        }
    }

    internal void End() => _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

    /// <summary>Writes a line into the runner's log.</summary>
    internal void Note(string line) => _log.Note(line);

    public async ValueTask DisposeAsync()
    {
        Control.Finish();
        await _host.StopAsync(CancellationToken.None);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        _folder.RemoveRuntime();
        await _log.DisposeAsync();
    }

    /// <summary>Signals are the commands' own business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
