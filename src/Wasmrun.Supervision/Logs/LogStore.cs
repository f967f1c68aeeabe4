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
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;
    private int _epoch;

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
                Wake();
            }

            return log;
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
            _epoch++;
            Wake();
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

            Wake();
        }
    }

    /// <summary>Lines of the logs, merged by their time; each log's own lines stay in their order.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(LogQuery query, [EnumeratorCancellation] CancellationToken token)
    {
        var (logs, epoch, _, _) = Look();
        var histories = logs.Where(log => IsWanted(log, query)).Select(log => new LogHistory(log, query)).ToList();
        foreach (var line in LogMerge.ByTime(histories.Select(history => history.Read())))
        {
            token.ThrowIfCancellationRequested();
            yield return line;
        }

        if (!query.Follow)
        {
            yield break;
        }

        await using var live = new LogTail(this, epoch, query, histories, token);
        await foreach (var line in live.ReadAsync(token))
        {
            yield return line;
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

    internal static bool IsWanted(ServiceLog log, LogQuery query) =>
        (query.Services.Count == 0 || query.Services.Contains(log.Name.Service, StringComparer.Ordinal))
        && (query.Index is not { } number || string.Equals(log.Name.Instance, Replica.NameOf(log.Name.Service, number), StringComparison.Ordinal));

    /// <summary>The logs there are, the run of the stack that they are of, whether there can be more, and what ends when that changes.</summary>
    internal (IReadOnlyList<ServiceLog> Logs, int Epoch, bool IsClosed, Task Changed) Look()
    {
        lock (_gate)
        {
            return ([.. _logs.Values], _epoch, _isClosed, _changed.Task);
        }
    }

    private static void DeleteFiles(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Wake()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
