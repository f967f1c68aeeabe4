using System.Collections.Concurrent;
using System.Threading.Channels;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Reconciliation.Watching;

/// <summary>
/// Files that are watched together, those of one service or of the manifest. Notifications only say when to look; what counts is whether
/// the contents are others than before, once they have been quiet for a moment. Now and then it looks without having been told.
/// </summary>
internal sealed class FileGroup(IReadOnlyList<WatchRule> rules, IFileEvents files, TimeProvider time)
{
    /// <summary>A file is saved in a moment; between two of several a program may take longer.</summary>
    private static readonly TimeSpan s_pauseAfterOne = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_pauseAfterSeveral = TimeSpan.FromMilliseconds(100);

    /// <summary>Where something is always written, it is looked at all the same.</summary>
    private static readonly TimeSpan s_longestUnrest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_resync = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, bool> _hints = new(StringComparer.Ordinal);
    private volatile bool _hasMissed;
    private long _lastNote = time.GetTimestamp();

    public IReadOnlyList<WatchRule> Rules => rules;

    /// <summary>Done when every later change will be noticed.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Watches until the token is cancelled.</summary>
    /// <param name="act">
    /// Told what changed; gives whether it ran a build. What a build writes is its output and no change, unless it is a file that has been
    /// edited before.
    /// </param>
    public async Task RunAsync(Func<FileChanges, CancellationToken, Task<bool>> act, CancellationToken token)
    {
        var watches = new List<IFileWatch>();
        try
        {
            watches.AddRange(rules.Select(rule => files.Watch(rule.Path, Note)));
            var seen = Look(null, token);
            var edited = new HashSet<string>(StringComparer.Ordinal);
            _ready.TrySetResult();
            while (true)
            {
                await NewsAsync(token);
                await QuietAsync(token);
                watches.ForEach(watch => watch.Refresh());
                var now = Look(seen, token);
                var changes = Compare(now, seen);
                seen = now;
                if (changes.Paths.Count == 0)
                {
                    continue;
                }

                edited.UnionWith(changes.Paths);
                if (await act(changes, token))
                {
                    var after = Look(now, token);
                    seen = [.. after.Select((contents, i) => contents.Except(contents.DifferencesTo(now[i]).Where(edited.Contains), now[i]))];
                }

                _news.Writer.TryWrite(true);
            }
        }
        finally
        {
            watches.ForEach(watch => watch.Dispose());
            _ready.TrySetCanceled(CancellationToken.None);
        }
    }

    private void Note(string? path)
    {
        if (path is null)
        {
            _hasMissed = true;
        }
        else
        {
            _hints[path] = true;
        }

        Volatile.Write(ref _lastNote, time.GetTimestamp());
        _news.Writer.TryWrite(true);
    }

    private async Task NewsAsync(CancellationToken token)
    {
        using var resync = new CancellationTokenSource(s_resync, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(token, resync.Token);
        try
        {
            await _news.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (resync.IsCancellationRequested && !token.IsCancellationRequested)
        {
            // Nobody said anything: look all the same.
        }
    }

    /// <summary>Until nothing more is told for as long as it takes to be sure.</summary>
    private async Task QuietAsync(CancellationToken token)
    {
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < s_longestUnrest)
        {
            var pause = AreSeveralTold() ? s_pauseAfterSeveral : s_pauseAfterOne;
            var left = pause - time.GetElapsedTime(Volatile.Read(ref _lastNote));
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            await Task.Delay(left, time, token);
        }

        _ = _news.Reader.TryRead(out _);
    }

    /// <summary>What is gone again, like the file that an editor writes beside and renames, is not one of several.</summary>
    private bool AreSeveralTold() => _hasMissed || _hints.Keys.Where(File.Exists).Skip(1).Any();

    private IReadOnlyList<FileContents> Look(IReadOnlyList<FileContents>? former, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        HashSet<string>? doubted = _hasMissed ? null : [.. _hints.Keys];
        _hasMissed = false;
        foreach (var hint in doubted ?? [])
        {
            _hints.TryRemove(hint, out _);
        }

        return [.. rules.Select((rule, i) => FileContents.Take(rule, former?[i], doubted))];
    }

    private FileChanges Compare(IReadOnlyList<FileContents> now, IReadOnlyList<FileContents> before)
    {
        var differences = now.Select((contents, i) => contents.DifferencesTo(before[i])).ToList();
        return new(
            [.. differences.SelectMany(paths => paths).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            differences.Where((paths, i) => paths.Count > 0 && rules[i].Action == WatchAction.Rebuild).Any());
    }
}
