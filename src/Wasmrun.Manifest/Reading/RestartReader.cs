using System.Globalization;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads <c>restart</c>: a policy in one word, with a number of attempts behind <c>on-failure</c>, or the long form.</summary>
internal sealed class RestartReader(ValueReader values)
{
    private static readonly Dictionary<string, RestartPolicy> _policies = new(StringComparer.Ordinal)
    {
        ["no"] = RestartPolicy.No,
        ["always"] = RestartPolicy.Always,
        ["on-failure"] = RestartPolicy.OnFailure,
        ["unless-stopped"] = RestartPolicy.UnlessStopped,
    };

    private static readonly Dictionary<string, BackoffKind> _backoffs = new(StringComparer.Ordinal)
    {
        ["constant"] = BackoffKind.Constant,
        ["linear"] = BackoffKind.Linear,
        ["exponential"] = BackoffKind.Exponential,
    };

    public RestartSpec Read(SourceNode? node) => node switch
    {
        null => RestartSpec.Never,
        MappingNode => ReadLong(node),
        ScalarNode => ReadShort(node),
        _ => ReportType(node),
    };

    private RestartSpec ReadShort(SourceNode node)
    {
        if (values.Text(node, "'restart'") is not { } text)
        {
            return RestartSpec.Never;
        }

        var parts = text.Split(':', 2);
        if (!_policies.TryGetValue(parts[0], out var policy))
        {
            var hint = values.Diagnostics.DidYouMean(parts[0], _policies.Keys);
            Report(node, $"'{text}' is not a restart policy; it is one of no, always, on-failure, on-failure:N, unless-stopped{hint}");
            return RestartSpec.Never;
        }

        var restart = RestartSpec.Never with { Policy = policy };
        if (parts.Length == 1)
        {
            return restart;
        }

        if (policy == RestartPolicy.OnFailure
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var attempts)
            && attempts > 0)
        {
            return restart with { MaxAttempts = attempts };
        }

        Report(node, $"'{text}' is not a restart policy; a number of attempts, 1 or more, goes with on-failure only: 'on-failure:5'");
        return restart;
    }

    private RestartSpec ReadLong(SourceNode node)
    {
        if (MappingReader.Open(node, "'restart'", ManifestKeys.Restart, values) is not { } reader)
        {
            return RestartSpec.Never;
        }

        reader.RequiredText("policy");
        var usual = RestartSpec.Never;
        var delay = reader.Duration("delay") ?? usual.Delay;
        var restart = new RestartSpec(
            reader.Find("policy") is null ? usual.Policy : reader.Choice("policy", _policies) ?? usual.Policy,
            reader.Number("max_attempts", 1, int.MaxValue),
            delay,
            reader.Duration("max_delay") ?? (delay > usual.MaxDelay ? delay : usual.MaxDelay),
            reader.Choice("backoff", _backoffs) ?? usual.Backoff,
            reader.Flag("jitter") ?? usual.Jitter,
            reader.Duration("window") ?? usual.Window);
        if (restart.MaxDelay < restart.Delay && reader.Find("max_delay") is { } place)
        {
            values.Diagnostics.Report(
                ManifestDiagnostics.RestartDelaysCross, place.Location, "'max_delay' is shorter than 'delay'; make it at least as long");
        }

        return restart;
    }

    private RestartSpec ReportType(SourceNode node)
    {
        values.ReportType(node, "'restart'", "text or a mapping");
        return RestartSpec.Never;
    }

    private void Report(SourceNode node, string message) =>
        values.Diagnostics.Report(ManifestDiagnostics.BadRestart, node.Location, message);
}
