using System.Globalization;
using Wasmrun.Manifest.Specs;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Supervision.Events;

namespace Wasmrun.Reconciliation.Watching;

/// <summary>
/// Keeps the running services what their files are: watches each service's files and the manifest's, builds where that is to be, and
/// asks the reconciler for the rest. What cannot be built or loaded is told, and what serves goes on serving.
/// </summary>
public sealed class StackWatcher(StackReconciler reconciler, IFileEvents files, TimeProvider time)
{
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    private EventStream Events => reconciler.Events;

    /// <summary>Watches until the token is cancelled or the stack is taken down.</summary>
    /// <param name="services">Services to watch; empty for all.</param>
    /// <param name="reapply">Reads the manifest again and applies it; gives why it could not be. Null when there is no manifest to watch.</param>
    public async Task RunAsync(IReadOnlyList<string> services, Func<CancellationToken, Task<string?>>? reapply, CancellationToken token)
    {
        using var subscription = Events.Subscribe();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
        try
        {
            StackSpec? stack = null;
            await AlignAsync(services, reapply, ending.Token);
            Announce();
            await foreach (var _ in subscription.ReadAllAsync(token))
            {
                if (!ReferenceEquals(stack, reconciler.Stack))
                {
                    stack = reconciler.Stack;
                    await AlignAsync(services, reapply, ending.Token);
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            reconciler.KeepSpares([]);
            await Task.WhenAll(_watched.Values.Select(watched => watched.EndAsync()));
            _watched.Clear();
        }
    }

    /// <summary>Watches what the stack is made of now; what is watched already is watched on, and misses nothing.</summary>
    private async Task AlignAsync(IReadOnlyList<string> services, Func<CancellationToken, Task<string?>>? reapply, CancellationToken token)
    {
        var wanted = new Dictionary<string, (IReadOnlyList<WatchRule> Rules, Func<FileChanges, CancellationToken, Task<bool>> Act)>(StringComparer.Ordinal);
        if (reconciler.Stack is { } stack)
        {
            foreach (var service in stack.Services.Where(service => service.OneOffOf is null && (services.Count == 0 || services.Contains(service.Name, StringComparer.Ordinal))))
            {
                wanted[service.Name] = (WatchRule.Of(service), (changes, token) => ReloadAsync(service.Name, changes, token));
            }

            if (reapply is not null)
            {
                var manifest = stack.Files.Where(Path.IsPathFullyQualified).Append(Path.Combine(stack.Directory, ".env"));
                wanted[string.Empty] = ([.. manifest.Select(WatchRule.File)], (changes, token) => ReapplyAsync(changes, reapply, token));
            }
        }

        foreach (var (name, watched) in _watched.Where(entry => !wanted.TryGetValue(entry.Key, out var want) || !IsSame(entry.Value, want.Rules)).ToList())
        {
            _watched.Remove(name);
            await watched.EndAsync();
        }

        foreach (var (name, want) in wanted.Where(entry => entry.Value.Rules.Count > 0 && !_watched.ContainsKey(entry.Key)))
        {
            _watched[name] = Watched.Start(new FileGroup(want.Rules, files, time), (changes, token) => TryAsync(want.Act, changes, token), token);
        }

        // No service has an empty name.
        reconciler.KeepSpares(_watched.Keys);
        await Task.WhenAll(_watched.Values.Select(watched => watched.Group.Ready));
    }

    /// <summary>One reload that fails by a mistake of the runner must not end the watching.</summary>
    private async Task<bool> TryAsync(Func<FileChanges, CancellationToken, Task<bool>> act, FileChanges changes, CancellationToken token)
    {
        try
        {
            return await act(changes, token);
        }
        catch (Exception mistake) when (mistake is not OperationCanceledException)
        {
            Events.Publish(StackEventKind.RunnerFailed, mistake.Message, EventSubject.Stack, ("detail", mistake.ToString()));
            return false;
        }
    }

    private async Task<bool> ReloadAsync(string name, FileChanges changes, CancellationToken token)
    {
        if (reconciler.Stack?.Services.FirstOrDefault(service => string.Equals(service.Name, name, StringComparison.Ordinal)) is not { } service
            || !reconciler.IsToRun(name))
        {
            return false;
        }

        Events.Publish(StackEventKind.FilesChanged, changes.Text, EventSubject.Of(name));
        var builds = changes.NeedsBuild && service.Build is not null;
        if (builds && await reconciler.Builder.BuildAsync(service, token) is not null)
        {
            return true;
        }

        if (Complaint(await reconciler.RestartAsync([name], gracePeriod: null, token)) is { } complaint)
        {
            Events.Publish(StackEventKind.ReloadFailed, complaint, EventSubject.Of(name));
        }

        return builds;
    }

    private async Task<bool> ReapplyAsync(FileChanges changes, Func<CancellationToken, Task<string?>> reapply, CancellationToken token)
    {
        Events.Publish(StackEventKind.FilesChanged, changes.Text, EventSubject.Stack);
        if (await reapply(token) is { } complaint)
        {
            Events.Publish(StackEventKind.ReloadFailed, complaint, EventSubject.Stack);
        }
        else
        {
            Events.Publish(StackEventKind.Updated, "the manifest was applied", EventSubject.Stack);
        }

        return false;
    }

    /// <summary>Why nothing was done; what did not come up is the supervisors' to tell.</summary>
    private static string? Complaint(ApplyResult result) => result switch
    {
        ApplyResult.ModulesUnusable unusable => string.Join("\n", unusable.Failures.Select(failure => failure.Message)),
        ApplyResult.PortsTaken taken => string.Create(CultureInfo.InvariantCulture, $"port {taken.Conflicts[0].Port} is taken"),
        _ => null,
    };

    private void Announce()
    {
        var names = _watched.Keys.Where(name => name.Length > 0).Order(StringComparer.Ordinal).ToList();
        var text = names.Count == 0 ? "no service" : string.Join(", ", names);
        Events.Publish(
            StackEventKind.Watching, _watched.ContainsKey(string.Empty) ? $"{text} and the manifest" : text, EventSubject.Stack);
    }

    private static bool IsSame(Watched watched, IReadOnlyList<WatchRule> rules) =>
        watched.Group.Rules.Count == rules.Count && watched.Group.Rules.Zip(rules).All(pair => pair.First.IsSameAs(pair.Second));

    /// <summary>A group of files that is being watched.</summary>
    private sealed record Watched(FileGroup Group, CancellationTokenSource Ending, Task Task)
    {
        public static Watched Start(FileGroup group, Func<FileChanges, CancellationToken, Task<bool>> act, CancellationToken token)
        {
            var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
            return new(group, ending, Task.Run(() => group.RunAsync(act, ending.Token), CancellationToken.None));
        }

        public async Task EndAsync()
        {
            await Ending.CancelAsync();
            await Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Ending.Dispose();
        }
    }
}
