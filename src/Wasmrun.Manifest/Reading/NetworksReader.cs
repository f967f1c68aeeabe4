using System.Net;
using System.Text.RegularExpressions;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads the networks that a service is on, a list or a map of declared names; <c>default</c> needs no declaration.</summary>
internal sealed partial class NetworksReader(ValueReader values, DeclaredNames declared)
{
    public const string Default = "default";

    private const int LongestAlias = 253;

    public (IReadOnlyList<string> Networks, IReadOnlyList<NetworkAliasSpec> Aliases) Read(SourceNode? node)
    {
        switch (node)
        {
            case null:
                return ([Default], []);
            case SequenceNode list:
                var names = values.DistinctTexts(list.Items, "'networks'");
                return ([.. names.Select(name => CheckDeclared(name.Text, name.Node))], []);
            case MappingNode map:
                return ([.. map.Entries.Select(entry => CheckDeclared(entry.Key.Text, entry.Key))], [.. map.Entries.SelectMany(ReadAliases)]);
            default:
                values.ReportType(node, "'networks'", "a list or a mapping");
                return ([Default], []);
        }
    }

    private IEnumerable<NetworkAliasSpec> ReadAliases(MappingEntry entry)
    {
        if (entry.Value is ScalarNode { IsNull: true }
            || MappingReader.Open(entry.Value, $"the network '{entry.Key.Text}' of a service", ManifestKeys.ServiceNetwork, values) is not { } network)
        {
            return [];
        }

        var aliases = values.DistinctTexts(values.List(network.Find("aliases"), "'aliases'"), "'aliases'");
        return aliases.Where(alias => CheckAlias(alias.Text, alias.Node)).Select(alias => new NetworkAliasSpec(entry.Key.Text, alias.Text));
    }

    private string CheckDeclared(string name, SourceNode place)
    {
        if (name != Default && !declared.Networks.Contains(name))
        {
            var hint = values.Diagnostics.DidYouMean(name, declared.Networks);
            values.Diagnostics.Report(
                ManifestDiagnostics.UnknownNetwork,
                place.Location,
                $"the network '{name}' is not declared{(hint.Length > 0 ? hint : "; add it at the top level under 'networks'")}");
        }

        return name;
    }

    private bool CheckAlias(string alias, SourceNode place)
    {
        var problem = alias is "localhost" || alias.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? "every guest already has that name for itself"
            : alias.Equals("host.wasmrun.internal", StringComparison.OrdinalIgnoreCase) ? "that name stands for the host"
            : IPAddress.TryParse(alias, out _) ? "it is an address, and those are not looked up"
            : alias.Length > LongestAlias || !HostName().IsMatch(alias)
                ? "use letters, digits, '-' and '_', in parts of at most 63 characters with dots between them; for example 'db.example'"
            : null;
        if (problem is not null)
        {
            values.Diagnostics.Report(ManifestDiagnostics.BadName, place.Location, $"'{alias}' cannot be an alias: {problem}");
        }

        return problem is null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HostName();
}
