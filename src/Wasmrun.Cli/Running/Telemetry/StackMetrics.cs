using System.Diagnostics.Metrics;
using Wasmrun.Reconciliation;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Cli.Running.Telemetry;

/// <summary>What the instances of a stack use, as metrics. What containers have too has the names that it has there.</summary>
/// <seealso href="https://opentelemetry.io/docs/specs/semconv/system/container-metrics/"/>
internal sealed class StackMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    internal const string Name = "Wasmrun";

    private readonly Meter _meter = new(Name);
    private readonly StackReconciler _stack;

    public StackMetrics(StackReconciler stack)
    {
        _stack = stack;
        _meter.CreateObservableCounter("container.cpu.time", () => Usage(instance => instance.Processor.TotalSeconds), "s", "Processor time that the instance has used");
        _meter.CreateObservableUpDownCounter("container.memory.usage", () => Usage(instance => instance.MemoryBytes), "By", "Memory of the instance");
        _meter.CreateObservableGauge(
            "container.uptime", () => Usage(instance => (instance.TakenAt - (instance.StartedAt ?? instance.TakenAt)).TotalSeconds), "s", "Time that the instance has been running");
        _meter.CreateObservableUpDownCounter("wasmrun.instance.connections", () => Usage(instance => instance.Connections), "{connection}", "Clients that are connected");
        _meter.CreateObservableUpDownCounter("wasmrun.instance.waiting", () => States(instance => instance.WaitingClients), "{connection}", "Clients that wait because nothing accepts them");
        _meter.CreateObservableUpDownCounter("wasmrun.instance.restarts", () => States(instance => instance.Restarts), "{restart}", "Restarts by the policy since the service was last started on request");
        _meter.CreateObservableGauge("wasmrun.instance.state", () => _stack.Snapshot().Select(Stateful), "{state}", "1, with the state and the health of the instance as attributes");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> Usage<T>(Func<InstanceStats, T> read)
        where T : struct => _stack.Measure().Select(instance => new Measurement<T>(read(instance), Tags(instance.Service, instance.Name)));

    private IEnumerable<Measurement<T>> States<T>(Func<ServiceStatus, T> read)
        where T : struct => _stack.Snapshot().Select(instance => new Measurement<T>(read(instance), Tags(instance.Service, instance.Name)));

    private static Measurement<int> Stateful(ServiceStatus instance) => new(
        1, [.. Tags(instance.Service, instance.Name), new("wasmrun.state", Lower(instance.State)), new("wasmrun.health", Lower(instance.Health))]);

    private static KeyValuePair<string, object?>[] Tags(string service, string instance) => [new("wasmrun.service", service), new("container.name", instance)];

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
