using System.Text.Json;
using Wasmrun.Manifest.Specs;
using Wasmrun.Planning.Observation;

namespace Wasmrun.Reconciliation.State;

/// <summary>
/// What a project keeps between runs, in a folder of its own: the logs, the named volumes, and the host ports that were
/// once chosen. Whoever opens it holds the project's lock, so nobody else writes at the same time.
/// </summary>
public sealed class ProjectState(string directory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private List<RememberedPort>? _ports;

    /// <summary>One folder per instance of a service.</summary>
    public string LogsDirectory { get; } = Path.Combine(directory, "logs");

    /// <summary>One folder per named volume.</summary>
    public string VolumesDirectory { get; } = Path.Combine(directory, "volumes");

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
                Save(_ports);
            }
        }
    }

    private static bool IsSameForward(RememberedPort left, RememberedPort right) =>
        string.Equals(left.Service, right.Service, StringComparison.Ordinal) && left.GuestPort == right.GuestPort && left.Protocol == right.Protocol;

    private List<RememberedPort> Load()
    {
        try
        {
            return JsonSerializer.Deserialize<List<StoredPort>>(File.ReadAllBytes(PortsFile), s_json)?.Select(port => port.ToPort()).ToList() ?? [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Writes beside the file and puts it in its place, so that a kill leaves the old one or the new one.</summary>
    private void Save(List<RememberedPort> ports)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly);
        }

        var fresh = PortsFile + ".new";
        using (var file = File.Create(fresh))
        {
            JsonSerializer.Serialize(file, ports.Select(StoredPort.Of), s_json);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, PortsFile, overwrite: true);
    }

    private sealed record StoredPort(string Service, int GuestPort, string Protocol, int HostPort)
    {
        public static StoredPort Of(RememberedPort port) => new(port.Service, port.GuestPort, port.Protocol == TransportProtocol.Udp ? "udp" : "tcp", port.HostPort);

        public RememberedPort ToPort() => new(
            Service, GuestPort, string.Equals(Protocol, "udp", StringComparison.Ordinal) ? TransportProtocol.Udp : TransportProtocol.Tcp, HostPort);
    }
}
