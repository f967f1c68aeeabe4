using System.Runtime.CompilerServices;
using Wasmrun.Supervision.Events;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Logs;

/// <summary>The logs of one project, one folder per instance of a service. They outlive the instances, and end with <c>down</c>.</summary>
public sealed class LogStore(string directory, LogLimits limits, EventStream events, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServiceLog> _logs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private readonly List<LogTail> _tails = [];
    private bool _isClosed;

    /// <summary>The log of one instance, going on where an earlier run of the project ended.</summary>
    public ServiceLog Open(string service, string instance)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (!_logs.TryGetValue(instance, out var log))
            {
                var folder = Path.Combine(directory, instance);
                if (_removed.Remove(instance))
                {
                    DeleteFiles(folder);
                }

                log = new(new(service, instance), folder, limits, events, time);
                log.Load();
                _logs.Add(instance, log);
                foreach (var tail in _tails.Where(tail => IsWanted(log, tail.Query)))
                {
                    tail.Add(log);
                }
            }

            return log;
        }
    }

    /// <summary>Whether there is a log of the instance that has not ended.</summary>
    public bool Knows(string instance)
    {
        lock (_gate)
        {
            return _logs.ContainsKey(instance);
        }
    }

    /// <summary>
    /// Ends the log of an instance that no longer exists: its followers read on to the end, and its files go when the store is disposed.
    /// </summary>
    public void Remove(string instance)
    {
        lock (_gate)
        {
            if (_logs.Remove(instance, out var log))
            {
                log.Dispose();
                _removed.Add(instance);
            }
        }
    }

    /// <summary>Reads what an instance writes from now on, to be told when that is all with <see cref="End"/>.</summary>
    public LogReading ReadToEnd(string service, string instance) => new(Open(service, instance));

    /// <summary>Ends the log that is read, if it has not ended: the reader comes to its end.</summary>
    public void End(LogReading reading)
    {
        lock (_gate)
        {
            if (_logs.GetValueOrDefault(reading.Log.Name.Instance) == reading.Log)
            {
                Remove(reading.Log.Name.Instance);
            }
        }
    }

    /// <summary>Deletes what is on disk of a log that has ended; who follows it has what memory holds.</summary>
    public void Discard(LogReading reading)
    {
        lock (_gate)
        {
            if (_removed.Remove(reading.Log.Name.Instance))
            {
                DeleteFiles(Path.Combine(directory, reading.Log.Name.Instance));
            }
        }
    }

    /// <summary>The stack is down: followers read on to the end of the logs they know, and are done. Logs opened later are for others.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            FinishTails();
        }
    }

    /// <summary>No more is written, by anybody: followers read on to the end and are done.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var log in _logs.Values)
            {
                log.Dispose();
            }

            FinishTails();
        }
    }

    /// <summary>
    /// Lines of the logs, merged by their time; each log's own lines stay in their order. What is there, and what a follower misses
    /// nothing of, counts from this call, however late the lines are taken; a follower is to be enumerated, or it holds back what its query says.
    /// </summary>
    public IAsyncEnumerable<LogLine> ReadAsync(LogQuery query, CancellationToken token)
    {
        lock (_gate)
        {
            var histories = _logs.Values.Where(log => IsWanted(log, query)).Select(log => new LogHistory(log, query)).ToList();
            if (!query.Follow)
            {
                return ReadAsync(histories, tail: null, token);
            }

            var tail = new LogTail(query, histories);
            _tails.Add(tail);
            if (_isClosed)
            {
                FinishTails();
            }

            return ReadAsync(histories, tail, token);
        }
    }

    public void Dispose()
    {
        Close();
        foreach (var instance in _removed)
        {
            DeleteFiles(Path.Combine(directory, instance));
        }
    }

    private static bool IsWanted(ServiceLog log, LogQuery query) =>
        (query.Services.Count == 0 || query.Services.Contains(log.Name.Service, StringComparer.Ordinal))
        && (query.Index is not { } number || string.Equals(log.Name.Instance, Replica.NameOf(log.Name.Service, number), StringComparison.Ordinal));

    private static void DeleteFiles(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async IAsyncEnumerable<LogLine> ReadAsync(List<LogHistory> histories, LogTail? tail, [EnumeratorCancellation] CancellationToken token)
    {
        try
        {
            foreach (var line in LogMerge.ByTime(histories.Select(history => history.Read())))
            {
                token.ThrowIfCancellationRequested();
                yield return line;
            }

            if (tail is not null)
            {
                await foreach (var line in tail.ReadAsync(token))
                {
                    yield return line;
                }
            }
        }
        finally
        {
            if (tail is not null)
            {
                await LeaveAsync(tail);
            }
        }
    }

    private ValueTask LeaveAsync(LogTail tail)
    {
        lock (_gate)
        {
            _tails.Remove(tail);
        }

        return tail.DisposeAsync();
    }

    /// <summary>Under the gate.</summary>
    private void FinishTails()
    {
        _tails.ForEach(tail => tail.Finish());
        _tails.Clear();
    }
}
