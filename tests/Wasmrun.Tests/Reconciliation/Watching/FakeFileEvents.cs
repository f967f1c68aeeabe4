using System.Collections.Concurrent;
using Wasmrun.Reconciliation.Watching;

namespace Wasmrun.Tests.Reconciliation.Watching;

/// <summary>Notifications that the test gives, about files that are real.</summary>
internal sealed class FakeFileEvents : IFileEvents
{
    private readonly ConcurrentDictionary<FakeWatch, bool> _watches = [];
    private int _looks;

    /// <summary>How often somebody looked after a notification, or without one.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public IReadOnlyCollection<string> Watched => [.. _watches.Keys.Select(watch => watch.Path)];

    public IFileWatch Watch(string path, Action<string?> changed)
    {
        var watch = new FakeWatch(this, path, changed);
        _watches[watch] = true;
        return watch;
    }

    /// <summary>Tells everybody whom it may concern; null for an overflow.</summary>
    public void Tell(string? path)
    {
        foreach (var watch in _watches.Keys.Where(watch => path is null || path.StartsWith(watch.Path, StringComparison.Ordinal)))
        {
            watch.Changed(path);
        }
    }

    private sealed record FakeWatch(FakeFileEvents Events, string Path, Action<string?> Changed) : IFileWatch
    {
        public void Refresh() => Interlocked.Increment(ref Events._looks);

        public void Dispose() => Events._watches.TryRemove(this, out _);
    }
}
