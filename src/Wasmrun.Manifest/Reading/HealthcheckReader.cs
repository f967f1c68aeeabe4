using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>healthcheck</c>: one kind of probe and its times.</summary>
/// <param name="forwards">The service's forwards, of which a probe takes the guest's port when it names none.</param>
internal sealed class HealthcheckReader(ValueReader values, IReadOnlyList<ForwardSpec> forwards)
{
    private const int MostRetries = 1000;
    private static readonly string[] _kinds = ["http", "tcp", "log_line", "test"];

    public HealthcheckSpec? Read(MappingReader? healthcheck)
    {
        if (healthcheck is null)
        {
            return null;
        }

        var written = _kinds.Where(kind => healthcheck.Find(kind) is not null).ToList();
        if (healthcheck.Flag("disable") == true)
        {
            return HealthcheckSpec.Of(new ProbeSpec.Disabled());
        }

        if (written is not [var kind])
        {
            Report(
                healthcheck.Node,
                written.Count == 0
                    ? "'healthcheck' names no probe; add one of http, tcp, log_line and test"
                    : $"'healthcheck' names several probes, {string.Join(" and ", written)}; keep one");
            return null;
        }

        var usual = HealthcheckSpec.Of(Probe(healthcheck, kind) ?? new ProbeSpec.Disabled());
        return new(
            usual.Probe,
            Positive(healthcheck, "interval") ?? usual.Interval,
            Positive(healthcheck, "timeout") ?? usual.Timeout,
            healthcheck.Number("retries", 1, MostRetries) ?? usual.Retries,
            healthcheck.Duration("start_period") ?? usual.StartPeriod,
            Positive(healthcheck, "start_interval") ?? usual.StartInterval);
    }

    private ProbeSpec? Probe(MappingReader healthcheck, string kind)
    {
        var node = healthcheck.Find(kind)!;
        if (kind != "http" && healthcheck.Find("port") is { } port)
        {
            Report(port, $"'port' goes with http only; {(kind == "tcp" ? "tcp names its port itself: 'tcp: 3000'" : "remove it")}");
        }

        return kind switch
        {
            "http" => Http(healthcheck, node),
            "tcp" => values.Number(node, "'tcp'", 1, 65535) is { } number ? new ProbeSpec.Tcp(number) : null,
            "log_line" => LogLine(node),
            _ => Command(node),
        };
    }

    private ProbeSpec.Http? Http(MappingReader healthcheck, SourceNode node)
    {
        if (values.Text(node, "'http'") is not { } path)
        {
            return null;
        }

        if (!path.StartsWith('/') || !Uri.TryCreate("http://localhost" + path, UriKind.Absolute, out _))
        {
            Report(node, $"'{path}' is not a path to ask for; write one such as /health, and the port as 'port'");
            return null;
        }

        if (healthcheck.Find("port") is not null)
        {
            return healthcheck.Number("port", 1, 65535) is { } written ? new(path, written) : null;
        }

        var ports = forwards.Where(forward => forward.Protocol == TransportProtocol.Tcp).Select(forward => forward.GuestPort).Distinct().ToList();
        if (ports is [var only])
        {
            return new(path, only);
        }

        Report(node, ports.Count == 0 ? "the service has no forward to take the port from; add 'port'" : "the service has several forwards; say which one with 'port'");
        return null;
    }

    private ProbeSpec.LogLine? LogLine(SourceNode node)
    {
        switch (values.Text(node, "'log_line'"))
        {
            case null:
                return null;
            case "":
                Report(node, "'log_line' is empty; write the text that a line of the output holds when the service is ready");
                return null;
            case var text:
                return new(text);
        }
    }

    private ProbeSpec? Command(SourceNode node)
    {
        var words = new CommandReader(values).Read(node, "'test'");
        switch (words)
        {
            case ["NONE"]:
                return new ProbeSpec.Disabled();
            case ["CMD-SHELL", ..]:
                Report(node, "there is no shell in a sandbox for CMD-SHELL; write the arguments of the module as a list that begins with CMD");
                return null;
            case ["CMD", ..]:
                return new ProbeSpec.Command([.. words.Skip(1)]);
            default:
                return new ProbeSpec.Command(words);
        }
    }

    private TimeSpan? Positive(MappingReader healthcheck, string key)
    {
        var duration = healthcheck.Duration(key);
        if (duration == TimeSpan.Zero)
        {
            Report(healthcheck.Find(key)!, $"'{key}' is zero; make it longer");
            return null;
        }

        return duration;
    }

    private void Report(SourceNode node, string message) => values.Diagnostics.Report(ManifestDiagnostics.BadHealthcheck, node.Location, message);
}
