using Wasmrun.Planning.Observation;

namespace Wasmrun.Reconciliation.State;

/// <summary>
/// What a project keeps between runs, in a folder of its own: the logs, the named volumes, the host ports that were once chosen,
/// and, while there is a stack, what it is to be and what it is. Whoever opens it holds the project's lock, so nobody else writes at the same time.
/// </summary>
public sealed class ProjectState(string directory)
{
    private readonly Lock _gate = new();
    private List<RememberedPort>? _ports;

    /// <summary>One folder per instance of a service.</summary>
    public string LogsDirectory { get; } = Path.Combine(directory, "logs");

    /// <summary>One folder per named volume.</summary>
    public string VolumesDirectory { get; } = Path.Combine(directory, "volumes");

    /// <summary>What a runner has written down of the stack; null when there is none, or the file is damaged.</summary>
    public StackRecord? Record => AtomicFile.Read(RecordFile, StateJson.Default.StackRecord);

    private string RecordFile => Path.Combine(directory, "stack.json");

    private string PortsFile => Path.Combine(directory, "ports.json");

    /// <summary>The chosen ports; none when the file is missing or was damaged, for they are a preference and no more.</summary>
    public IReadOnlyList<RememberedPort> RememberedPorts
    {
        get
        {
            lock (_gate)
            {
                return [.. _ports ??= Load()];
            }
        }
    }

    /// <summary>Prefers these ports from now on.</summary>
    /// <exception cref="IOException">They cannot be stored; they are preferred for as long as this runner runs.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Remember(IEnumerable<RememberedPort> chosen)
    {
        lock (_gate)
        {
            _ports ??= Load();
            var changed = false;
            foreach (var port in chosen.Where(port => !_ports.Contains(port)))
            {
                _ports.RemoveAll(former => IsSameForward(former, port));
                _ports.Add(port);
                changed = true;
            }

            if (changed)
            {
                AtomicFile.Write(PortsFile, _ports.ConvertAll(StoredPort.Of), StateJson.Default.ListStoredPort, toDisk: true);
            }
        }
    }

    /// <summary>Writes the stack down; null when there is none any more.</summary>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Keep(StackRecord? record)
    {
        if (record is not null)
        {
            AtomicFile.Write(RecordFile, record, StateJson.Default.StackRecord, toDisk: false);
        }
        else if (File.Exists(RecordFile))
        {
            File.Delete(RecordFile);
        }
    }

    /// <summary>Removes the logs of instances that no longer exist and that nobody has opened.</summary>
    public void RemoveLogs(IEnumerable<string> instances)
    {
        foreach (var folder in instances.Select(instance => Path.Combine(LogsDirectory, Path.GetFileName(instance))).Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Removes every named volume with all that is in it; only for who holds the project's lock and runs no stack.</summary>
    /// <returns>Their names.</returns>
    public IReadOnlyList<string> RemoveVolumes()
    {
        List<string> removed = [];
        if (!Directory.Exists(VolumesDirectory))
        {
            return removed;
        }

        foreach (var folder in Directory.EnumerateDirectories(VolumesDirectory).Order(StringComparer.Ordinal))
        {
            Directory.Delete(folder, recursive: true);
            removed.Add(Path.GetFileName(folder));
        }

        return removed;
    }

    private static bool IsSameForward(RememberedPort left, RememberedPort right) =>
        string.Equals(left.Service, right.Service, StringComparison.Ordinal) && left.GuestPort == right.GuestPort && left.Protocol == right.Protocol;

    private List<RememberedPort> Load() => AtomicFile.Read(PortsFile, StateJson.Default.ListStoredPort)?.ConvertAll(port => port.ToPort()) ?? [];
}
