using System.Globalization;
using Microsoft.Extensions.Hosting;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Reconciliation.State;

/// <summary>
/// Writes down what is wished and what there is, whenever something happens, and removes what it wrote when the stack is down. What
/// a killed runner has left is cleaned as soon as it is known what the stack is now.
/// </summary>
public sealed class StackRecorder(StackReconciler stack, ProjectState project, EventStream events, TimeProvider time) : BackgroundService
{
    /// <summary>Between two writings, so that a flood of events costs no more than a trickle.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private StackRecord? _former;
    private long _written;
    private bool _hasFailed;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _former = project.Record;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Write();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // The events end with each stack that is taken down, and go on with the next one.
                using var subscription = events.Subscribe();
                Write();
                await foreach (var happened in subscription.ReadAllAsync(stoppingToken))
                {
                    if (happened.Sequence > _written)
                    {
                        Write();
                        await Task.Delay(s_pause, time, stoppingToken);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The last word is written at the end.
        }
    }

    private void Write()
    {
        _written = events.LastSequence;
        try
        {
            var wish = stack.Wish;
            var observed = stack.Snapshot();
            if (wish is null && observed.Count == 0)
            {
                // A killed runner's record stays until there is a stack again, or somebody takes it down.
                if (_former is null)
                {
                    project.Keep(null);
                }

                return;
            }

            if (wish is not null)
            {
                Clean(wish.Stack.Services.ToDictionary(service => service.Name, service => Math.Max(service.Replicas, 1), StringComparer.Ordinal));
                project.Keep(StackRecord.Of(Environment.ProcessId, time.GetUtcNow(), wish, observed));
            }

            _hasFailed = false;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                events.Publish(StackEventKind.RunnerFailed, $"the state of the stack cannot be written: {unwritable.Message}", EventSubject.Stack);
            }
        }
    }

    private void Clean(Dictionary<string, int> replicas)
    {
        if (_former is not { } former)
        {
            return;
        }

        _former = null;
        project.RemoveLogs(former.Observed
            .Where(instance => !replicas.TryGetValue(instance.Service, out var count) || NumberOf(instance) > count)
            .Select(instance => instance.Name));
        var ran = former.Observed.Count(instance => instance.State is "running" or "starting" or "restarting");

        // It may have been killed before its first instances were recorded.
        var with = ran switch { 0 => "", 1 => " with 1 instance", _ => string.Create(CultureInfo.InvariantCulture, $" with {ran} instances") };
        events.Publish(
            StackEventKind.Recovered,
            string.Create(CultureInfo.InvariantCulture, $"the former runner (pid {former.Runner}) was killed{with}; the stack is started anew"),
            EventSubject.Stack,
            ("pid", former.Runner.ToString(CultureInfo.InvariantCulture)));
    }

    private static int NumberOf(RecordedInstance instance) =>
        instance.Name.Length > instance.Service.Length && int.TryParse(instance.Name.AsSpan(instance.Service.Length + 1), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
