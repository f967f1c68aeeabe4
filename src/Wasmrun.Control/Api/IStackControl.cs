using Wasmrun.Reconciliation.Applying;
using Wasmrun.Reconciliation.Downing;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Logs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Control.Api;

/// <summary>
/// Everything that can be asked of a stack that has a runner, whether that runner is this process
/// (a reconciler) or another one behind its control socket (<see cref="Client.ControlClient"/>). The commands are
/// written once, against this.
/// </summary>
public interface IStackControl
{
    Task<ProjectInfo> GetProjectAsync(CancellationToken token);

    /// <summary>The state of every replica of every service, sorted by the service's name and the replica's number.</summary>
    Task<IReadOnlyList<ServiceStatus>> GetServicesAsync(CancellationToken token);

    /// <summary>What the instances that run use now.</summary>
    Task<IReadOnlyList<InstanceStats>> GetStatsAsync(CancellationToken token);

    /// <summary>Reads the manifest and makes the stack what it says.</summary>
    Task<ApplyReply> ApplyAsync(ApplyRequest request, CancellationToken token);

    /// <summary>What <see cref="ApplyAsync"/> would do now; touches nothing.</summary>
    Task<ApplyReply> PreviewAsync(ApplyRequest request, CancellationToken token);

    /// <summary>
    /// Runs an instance of a service once, and tells of it to its end. When <paramref name="token"/> is cancelled, or nobody reads any
    /// more, it is stopped; in any case nothing of it is left.
    /// </summary>
    IAsyncEnumerable<OneOffNews> RunAsync(RunRequest request, CancellationToken token);

    Task<ApplyReply> RestartAsync(ServicesRequest request, CancellationToken token);

    Task<ApplyReply> StopAsync(ServicesRequest request, CancellationToken token);

    Task<ApplyReply> StartAsync(ServicesRequest request, CancellationToken token);

    Task<ApplyReply> KillAsync(ServicesRequest request, CancellationToken token);

    Task<ApplyReply> ScaleAsync(ScaleRequest request, CancellationToken token);

    Task<WaitResult> WaitAsync(WaitRequest request, CancellationToken token);

    /// <summary>
    /// Reloads services when their files change, until the stack is taken down or <paramref name="token"/> is cancelled. One does so at
    /// a time; whoever comes second takes over.
    /// </summary>
    Task WatchAsync(WatchRequest request, CancellationToken token);

    /// <summary>What <see cref="DownAsync"/> would do now; touches nothing.</summary>
    Task<ApplyReply> PreviewDownAsync(DownOptions options, CancellationToken token);

    Task<DownReport> DownAsync(DownOptions options, CancellationToken token);

    /// <summary>
    /// Log lines of the services; see <see cref="LogQuery"/>. In the runner's own process they are read from this call on, elsewhere from
    /// when the first is asked for; either way they are to be enumerated.
    /// </summary>
    IAsyncEnumerable<LogLine> ReadLogsAsync(LogQuery query, CancellationToken token);

    /// <summary>
    /// Everything that happens to the stack from the moment the returned task is done, and before it as far as the query wants
    /// and it is kept, until the query's end, the stack was taken down, its runner ended, or <paramref name="token"/> is cancelled.
    /// </summary>
    Task<IAsyncEnumerable<StackEvent>> SubscribeAsync(EventQuery query, CancellationToken token);
}
