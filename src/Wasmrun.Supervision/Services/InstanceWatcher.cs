using System.Globalization;
using System.Threading.Channels;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Hosting;
using Wasmrun.Supervision.Readiness;

namespace Wasmrun.Supervision.Services;

/// <summary>Follows one instance while it runs: tells what it listens on, and keeps the service's health up to date while it serves.</summary>
internal sealed class InstanceWatcher(ServiceBoard board, int generation) : IInstanceObserver
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile ReadinessWatch? _readiness;

    /// <summary>Begins to judge the health; the caller ends it before the instance goes.</summary>
    public ReadinessWatch Begin(IInstance instance, IServiceHost host, TimeProvider time)
    {
        var readiness = new ReadinessWatch(instance, generation, () => Targets(host), board, time);
        _readiness = readiness;
        readiness.Begin();
        return readiness;
    }

    /// <summary>Waits until the guest listens on all of the ports.</summary>
    public async Task ListensAsync(IInstance instance, IReadOnlyList<GuestPort> ports, CancellationToken token)
    {
        while (ports.Except(instance.Listening).Any())
        {
            await _news.Reader.ReadAsync(token);
        }
    }

    public void Look()
    {
        _readiness?.Look();
        _news.Writer.TryWrite(true);
    }

    public void StartedListening(GuestPort port) => Tell(StackEventKind.Listening, $"the guest listens on {port}", port);

    public void StoppedListening(GuestPort port) => Tell(StackEventKind.StoppedListening, $"the guest no longer listens on {port}", port);

    private static List<GuestPort> Targets(IServiceHost host) =>
        [.. host.Forwards.Select(forward => new GuestPort(forward.Description.GuestPort, forward.Description.Protocol)).Distinct()];

    private void Tell(StackEventKind kind, string cause, GuestPort port)
    {
        board.NoteOf(
            generation,
            kind,
            cause,
            ("port", port.Port.ToString(CultureInfo.InvariantCulture)),
            ("protocol", port.Protocol.ToString().ToLowerInvariant()));
        Look();
    }
}
