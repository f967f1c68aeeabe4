using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Settings;

/// <summary>Reads the sections of a settings file with the same readers as the manifest.</summary>
internal sealed class OsSettingsReader(ValueReader values, ExpansionBudget budget)
{
    public OsSettings Read(MappingNode root, string file)
    {
        var settings = new OsSettings(file);
        if (MappingReader.Open(root, "the settings file", OsSettingsKeys.Root, values) is not { } reader)
        {
            return settings;
        }

        var project = reader.Mapping("project", OsSettingsKeys.Project);
        var network = reader.Mapping("network", OsSettingsKeys.Network);
        var watch = reader.Mapping("watch", OsSettingsKeys.Watch);
        return settings with
        {
            Language = project?.Text("language"),
            Entrypoint = project?.Text("entrypoint"),
            Command = new CommandReader(values).Read(project?.Find("command")),
            Forwards = ReadForwards(network, reader.Mapping("os", OsSettingsKeys.Os)?.Mapping("network", OsSettingsKeys.OsNetwork)),
            Egress = new EgressReader(values).Read(network?.Find("egress")),
            Environment = ReadEnvironment(reader.Find("environment")),
            WatchEnabled = watch?.Flag("enabled"),
            WatchIgnore = [.. values.DistinctTexts(values.List(watch?.Find("ignore"), "'ignore'"), "'ignore'").Select(entry => entry.Text)],
        };
    }

    private IReadOnlyList<ForwardSpec> ReadForwards(MappingReader? network, MappingReader? osNetwork)
    {
        var own = network?.Find("forwards");
        var other = osNetwork?.Find("forwards");
        if (own is not null && other is not null)
        {
            values.Diagnostics.Report(
                ManifestDiagnostics.TwoNamesOfOneKey,
                other.Location,
                $"'forwards' is already written in [network] at {own.Location.WithinFile}; move the entries into one of the two");
        }

        return new ForwardsReader(values, budget).Read(own ?? other);
    }

    private Dictionary<string, string> ReadEnvironment(SourceNode? node)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is not (null or MappingNode))
        {
            values.ReportType(node, "[environment]", "a mapping");
        }

        foreach (var (key, value) in (node as MappingNode)?.Entries ?? [])
        {
            if (values.Text(value, $"the variable '{key.Text}'") is { } text && values.CheckVariableName(key.Text, key))
            {
                variables[key.Text] = text;
            }
        }

        return variables;
    }
}
