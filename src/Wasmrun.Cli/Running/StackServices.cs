using Microsoft.Extensions.DependencyInjection;
using Wasmrun.Cli.Commands;
using Wasmrun.Control.Folders;
using Wasmrun.Reconciliation;
using Wasmrun.Reconciliation.State;
using Wasmrun.Reconciliation.Watching;
using Wasmrun.Runtimes;
using Wasmrun.Sandbox;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Sandboxed;

namespace Wasmrun.Cli.Running;

/// <summary>What a stack stands on, in the order of the design: network, sandbox, supervision, reconciliation.</summary>
internal static class StackServices
{
    internal static void AddTo(IServiceCollection services, CommandScope scope, ProjectFolder folder, RunnerLog log, int? standardInput = null)
    {
        services.AddSingleton(provider => new SandboxEngine(new SandboxEngineOptions
        {
            CacheDirectory = Path.Combine(scope.Folders.Cache, "modules"),
            Time = scope.Environment.Time,
            Warn = warning => log.Note($"warning: {warning}"),
        }));
        services.AddSingleton(new ProjectState(folder.State));
        services.AddSingleton(provider => new SandboxStackOptions
        {
            Name = folder.Project,
            RuntimeDirectory = folder.Runtime,
            StandardInput = standardInput,
            Runtimes = new RuntimeOptions(Path.Combine(scope.Folders.Cache, "runtimes"), scope.Environment.Variables)
            {
                Tell = line =>
                {
                    provider.GetRequiredService<EventStream>().Publish(StackEventKind.Preparing, line, EventSubject.Stack);
                    log.NoteDetached(line);
                },
                Explain = line => provider.GetRequiredService<EventStream>().Publish(StackEventKind.Explained, line, EventSubject.Stack),
                Time = scope.Environment.Time,
            },
            VolumesDirectory = provider.GetRequiredService<ProjectState>().VolumesDirectory,
        });
        services.AddSingleton<IStackHost, SandboxStackHost>();
        services.AddSingleton(new EventStream(folder.Project, scope.Environment.Time));
        services.AddSingleton(provider => new LogStore(
            provider.GetRequiredService<ProjectState>().LogsDirectory, LogLimits.Default, provider.GetRequiredService<EventStream>(), scope.Environment.Time));
        services.AddSingleton(new StackReconcilerOptions());
        services.AddSingleton<IFileEvents, SystemFileEvents>();
        services.AddSingleton<StackReconciler>();
        services.AddHostedService(provider => provider.GetRequiredService<StackReconciler>());
        services.AddHostedService<StackRecorder>();
    }
}
