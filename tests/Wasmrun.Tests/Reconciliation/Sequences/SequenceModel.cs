using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Services;
using Wasmrun.Tests.Planning;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation.Sequences;

/// <summary>
/// Does to a stack what a sequence says, keeps beside it what should have become of that, and compares: everything that is wished
/// runs as often and as new as wished, nothing else does, and forwards of what stays wished were never closed.
/// </summary>
internal sealed class SequenceModel(SequenceRunner runner) : IAsyncDisposable
{
    private static readonly string[] s_names = ["a", "b", "c"];

    private static readonly RestartSpec s_always = RestartSpec.Never with
    {
        Policy = RestartPolicy.Always,
        Delay = TimeSpan.FromMilliseconds(100),
        MaxDelay = TimeSpan.FromMilliseconds(200),
        Jitter = false,
    };

    private readonly Dictionary<string, Wanted> _wanted = new(StringComparer.Ordinal);
    private readonly List<Task<ApplyResult>> _pending = [];

    /// <summary>Who was not wished to run for a while since the last comparison: a forward may have been closed and bound again.</summary>
    private readonly HashSet<string> _hasRested = new(StringComparer.Ordinal);

    private Dictionary<string, FakeBinding> _held = new(StringComparer.Ordinal);
    private SequenceRunner _runner = runner;
    private int _chosenPort;
    private (int Declared, int Variant) _manifest;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Carries out one step, and compares unless the next one is to come in the middle of it.</summary>
    public async Task StepAsync(Step step)
    {
        var name = s_names[step.Service];
        var isKnown = _wanted.ContainsKey(name);
        switch (step.Kind)
        {
            case StepKind.Apply:
                Apply(step.Declared, step.Variant);
                break;
            case StepKind.Start when isKnown:
                Run(_runner.Stack.StartAsync([name], Token), name);
                break;
            case StepKind.Restart when isKnown:
                Run(_runner.Stack.RestartAsync([name], null, Token), name);
                break;
            case StepKind.Scale when isKnown:
                Scale(name, step.Replicas);
                break;
            case StepKind.Stop when isKnown:
                await HaltAsync(() => _runner.Stack.StopAsync([name], gracePeriod: null, Token), name);
                break;
            case StepKind.Kill when isKnown:
                await HaltAsync(() => _runner.Stack.KillAsync([name], Token), name);
                break;
            case StepKind.Crash or StepKind.Trap or StepKind.Hang or StepKind.Unhealthy when Victim(name, step) is { } victim:
                Hurt(victim, step.Kind);
                break;
            case StepKind.BadSwap when name != "b" && _wanted.GetValueOrDefault(name) is { Instances: > 0 }:
                await SwapBadlyAsync(name);
                break;
            case StepKind.KillRunner:
                await KillRunnerAsync();
                break;
        }

        _hasRested.UnionWith(s_names.Where(service => _wanted.GetValueOrDefault(service) is not { Instances: > 0 }));
        if (!step.IsHurried)
        {
            await CompareAsync();
        }
    }

    /// <summary>Waits for everything that is under way, and compares.</summary>
    public async Task CompareAsync()
    {
        foreach (var pending in _pending)
        {
            var answer = await _runner.Time.UntilAsync(pending, () => $"a command is not answered\n{Describe()}");

            // What a later command stops is not what the earlier one wanted, and that one says so.
            Assert.True(answer is ApplyResult.Applied || (answer is ApplyResult.Abandoned && pending != _pending[^1]), answer.ToString());
        }

        _pending.Clear();
        await _runner.Time.UntilAsync(IsReached, () => $"what is wished is not reached\n{Describe()}");
        CompareForwards();
    }

    public async Task DownAsync()
    {
        await CompareAsync();
        var report = await _runner.Time.UntilAsync(_runner.Stack.DownAsync(new(Volumes: true, GracePeriod: null), Token), () => "the stack is not taken down");
        Assert.True(report.IsClean, string.Join("; ", report.Leftovers));
        Assert.Empty(_runner.Host.FindLeftovers());
        Assert.All(_runner.Host.Instances, instance => Assert.True(instance.IsDisposed, $"{instance.Name} is left"));
    }

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    public void Apply(int declared, int variant)
    {
        _manifest = (declared, variant);
        var services = s_names.Where((_, index) => (declared >> index & 1) == 1).Select(Spec).ToArray();
        _pending.Add(_runner.Stack.ApplyAsync(Written.Stack(services), new() { RemoveOrphans = true }, Token));
        _hasRested.UnionWith(s_names.Where(name => _wanted.GetValueOrDefault(name)?.HostPort != services.FirstOrDefault(service => service.Name == name)?.Forwards[0].HostPort));
        _wanted.Clear();
        foreach (var service in services)
        {
            _wanted[service.Name] = new(Runs: true, service.Replicas, Variant(service.Name), service.Forwards[0].HostPort);
        }
    }

    private void Run(Task<ApplyResult> command, string name)
    {
        _pending.Add(command);
        Want(name);
    }

    private void Scale(string name, int replicas)
    {
        _pending.Add(_runner.Stack.ScaleAsync(new Dictionary<string, int>(StringComparer.Ordinal) { [name] = replicas }, withDependencies: true, Token));
        _wanted[name] = _wanted[name] with { Runs = true, Replicas = replicas };
        if (replicas > 0)
        {
            Want(name);
        }
    }

    /// <summary>What others depend on is stopped when they run: before that they would wait for it in vain, and say so.</summary>
    private async Task HaltAsync(Func<Task<ApplyResult>> command, string name)
    {
        if (name == "a")
        {
            await CompareAsync();
        }

        _pending.Add(command());
        _wanted[name] = _wanted[name] with { Runs = false };
        if (name == "a")
        {
            await CompareAsync();
        }
    }

    /// <summary>What it depends on is to run as well.</summary>
    private void Want(string name)
    {
        _wanted[name] = _wanted[name] with { Runs = true };
        if (name != "a" && _wanted.TryGetValue("a", out var needed))
        {
            _wanted["a"] = needed with { Runs = true };
        }
    }

    private FakeInstance? Victim(string name, Step step) =>
        _wanted.TryGetValue(name, out var wanted) && wanted.Instances > 0 ? _runner.Serving(name, 1 + (step.Replicas % wanted.Instances)) : null;

    private void Hurt(FakeInstance instance, StepKind kind)
    {
        switch (kind)
        {
            case StepKind.Crash:
                instance.Exit(1);
                break;
            case StepKind.Trap:
                instance.Trap("unreachable");
                break;
            case StepKind.Hang:
                // A client that never goes, and a guest that has to be told: it ends with its grace period.
                instance.Clients = 1;
                break;
            case StepKind.Unhealthy when instance.Spec.Healthcheck is not null && IsHealthy(instance.Name):
                instance.StopListening(3000);
                break;
        }
    }

    /// <summary>Only what was healthy once becomes unhealthy here, because nobody is late to become healthy.</summary>
    private bool IsHealthy(string instance) => _runner.Stack.Snapshot().Any(
        status => status.Name == instance && status is { State: ServicePhase.Running, Health: HealthState.Healthy });

    private async Task SwapBadlyAsync(string name)
    {
        await CompareAsync();
        var before = Generations(name);
        _runner.Broken = name;
        Want(name);
        var restart = await _runner.Time.UntilAsync(_runner.Stack.RestartAsync([name], null, Token), () => "the restart is not answered");
        _runner.Broken = null;

        Assert.Contains("serves on as it was", Assert.Single(Assert.IsType<ApplyResult.Applied>(restart).Failures).Reason, StringComparison.Ordinal);
        Assert.Equal(before, Generations(name));
    }

    private List<int> Generations(string name) => [.. _runner.Statuses(name).Select(status => status.Generation)];

    /// <summary>Its ports are given back by the system; the next runner binds them anew, the same ones where it may choose.</summary>
    private async Task KillRunnerAsync()
    {
        _pending.Clear();
        _held.Clear();
        _runner = await _runner.KillAsync();
        Apply(_manifest.Declared, _manifest.Variant);
    }

    private bool IsReached() =>
        s_names.All(name => IsReached(name, _wanted.GetValueOrDefault(name)))
        && _runner.Host.Instances.Count(instance => instance is { TakesClients: true, Completion.IsCompleted: false }) == _wanted.Values.Sum(wanted => wanted.Instances);

    private bool IsReached(string name, Wanted? wanted)
    {
        var statuses = _runner.Statuses(name).ToList();
        return statuses.Count == (wanted?.Instances ?? 0)
            && statuses.TrueForAll(status => status is { State: ServicePhase.Running, Health: HealthState.Healthy })
            && statuses.Select((status, index) => _runner.Serving(name, index + 1)).All(
                instance => instance is { Listening.Count: > 0 } && instance.Spec.Environment["VARIANT"] == $"{wanted!.Variant}");
    }

    private void CompareForwards()
    {
        var held = _runner.Host.Services
            .SelectMany(service => service.Forwards.Select(forward => (service.Spec.Name, Binding: (FakeBinding)forward.Binding)))
            .ToDictionary(entry => entry.Name, entry => entry.Binding, StringComparer.Ordinal);
        Assert.Equal(_wanted.Where(wanted => wanted.Value.Instances > 0).Select(wanted => wanted.Key).Order(StringComparer.Ordinal), held.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(held.Values.Select(binding => binding.Port).Order(), _runner.Host.Bound.Keys.Order());
        Assert.All(held, entry => Assert.Equal(_wanted[entry.Key].HostPort ?? entry.Value.Port, entry.Value.Port));

        // Who was wished before and still is, at the same port, may never have been refused a client in between.
        Assert.All(held.Where(entry => _held.TryGetValue(entry.Key, out var before) && before.Port == entry.Value.Port && !_hasRested.Contains(entry.Key)), entry =>
            Assert.Same(_held[entry.Key], entry.Value));
        if (held.TryGetValue("c", out var chosen))
        {
            _chosenPort = _chosenPort == 0 ? chosen.Port : _chosenPort;
            Assert.Equal(_chosenPort, chosen.Port);
        }

        _held = held;
        _hasRested.Clear();
    }

    private ServiceSpec Spec(string name, int index) => Written.Service(name, name != "a" && IsDeclared("a") ? ["a"] : [])
        .Forwarding(name == "c" ? null : 8080 + index + ((_manifest.Variant >> 3 & 1) * 10), 3000)
        .With("VARIANT", $"{Variant(name)}") with
    {
        Replicas = 1 + (_manifest.Variant >> 4 & 1) * index,
        Restart = s_always,
        StopGracePeriod = TimeSpan.FromSeconds(1),
        UpdateOrder = name == "b" ? UpdateOrder.StopFirst : UpdateOrder.StartFirst,
        Healthcheck = name == "c" ? null : HealthcheckSpec.Of(new ProbeSpec.Tcp(3000)) with
        {
            Interval = TimeSpan.FromMilliseconds(200),
            StartInterval = TimeSpan.FromMilliseconds(100),
            Retries = 2,

            // The clock may be far ahead of a thread that is about to make its guest listen: that is no reason to give it up.
            StartPeriod = TimeSpan.FromDays(10),
        },
    };

    private int Variant(string name) => _manifest.Variant >> (name[0] - 'a') & 1;

    private bool IsDeclared(string name) => (_manifest.Declared >> (name[0] - 'a') & 1) == 1;

    private string Describe() => $"wished: {string.Join("; ", _wanted.Select(wanted => $"{wanted.Key} {wanted.Value}"))}\nthere: "
        + string.Join("\n       ", _runner.Stack.Snapshot().Select(status => $"{status.Name} {status.State} {status.Health} #{status.Generation} {status.Reason}"))
        + $"\nbound: {string.Join(", ", _runner.Host.Bound.Keys)}";
}
