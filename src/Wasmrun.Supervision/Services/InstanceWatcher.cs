using System.Globalization;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Readiness;

namespace Wasmrun.Supervision.Services;

/// <summary>Follows one instance while it runs: tells what it listens on, and keeps the service's health up to date.</summary>
internal sealed class InstanceWatcher(ServiceBoard board) : IInstanceObserver
{
    private volatile ReadinessWatch? _readiness;

    /// <summary>Begins to judge the health; the caller ends it before the instance goes.</summary>
    public ReadinessWatch Begin(IInstance instance, IServiceHost host, TimeProvider time)
    {
        var readiness = new ReadinessWatch(instance, () => Targets(host), board, time);
        _readiness = readiness;
        readiness.Begin();
        return readiness;
    }

    public void Look() => _readiness?.Look();

    public void StartedListening(GuestPort port) => Tell(StackEventKind.Listening, $"the guest listens on {port}", port);

    public void StoppedListening(GuestPort port) => Tell(StackEventKind.StoppedListening, $"the guest no longer listens on {port}", port);

    private static List<GuestPort> Targets(IServiceHost host) =>
        [.. host.Forwards.Select(forward => new GuestPort(forward.Description.GuestPort, forward.Description.Protocol)).Distinct()];

    private void Tell(StackEventKind kind, string cause, GuestPort port)
    {
        board.Note(
            kind,
            cause,
            ("port", port.Port.ToString(CultureInfo.InvariantCulture)),
            ("protocol", port.Protocol.ToString().ToLowerInvariant()));
        Look();
    }
}
