using Wasmrun.Manifest.Specs;

namespace Wasmrun.Cli.Rendering;

/// <summary>Writes a health check as the manifest has it, every time spelled out.</summary>
internal static class HealthcheckWriter
{
    public static Dictionary<string, object> Write(HealthcheckSpec healthcheck)
    {
        var written = new Dictionary<string, object>(StringComparer.Ordinal);
        switch (healthcheck.Probe)
        {
            case ProbeSpec.Disabled:
                written["disable"] = true;
                return written;
            case ProbeSpec.Http http:
                written["http"] = ManifestWriter.Escape(http.Path);
                written["port"] = http.Port;
                break;
            case ProbeSpec.Tcp tcp:
                written["tcp"] = tcp.Port;
                break;
            case ProbeSpec.LogLine line:
                written["log_line"] = ManifestWriter.Escape(line.Text);
                break;
            case ProbeSpec.Command command:
                written["test"] = command.Arguments.Select(ManifestWriter.Escape).Prepend("CMD").ToList();
                break;
            default:
                throw new NotSupportedException($"no words for {healthcheck.Probe.GetType().Name}");
        }

        written["interval"] = ManifestWriter.Duration(healthcheck.Interval);
        written["timeout"] = ManifestWriter.Duration(healthcheck.Timeout);
        written["retries"] = healthcheck.Retries;
        written["start_period"] = ManifestWriter.Duration(healthcheck.StartPeriod);
        written["start_interval"] = ManifestWriter.Duration(healthcheck.StartInterval);
        return written;
    }
}
