using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads the forwards of a service, in the short and the long form.</summary>
internal sealed class ForwardsReader(ValueReader values, ExpansionBudget budget)
{
    public IReadOnlyList<ForwardSpec> Read(SourceNode? node)
    {
        var forwards = new List<ForwardSpec>();
        foreach (var item in values.List(node, "'forwards'"))
        {
            if (ReadOne(item, values) is { } forward && budget.TrySpend(forward.Guests.Length, item.Location))
            {
                forwards.AddRange(forward.Expand());
            }
        }

        return forwards;
    }

    public static ForwardRange? ReadOne(SourceNode item, ValueReader values)
    {
        if (item is not MappingNode)
        {
            return values.Text(item, "a forward") is { } text ? ForwardParser.Parse(text, item.Location, values.Diagnostics) : null;
        }

        if (MappingReader.Open(item, "a forward", ManifestKeys.Forward, values) is not { } reader
            || reader.RequiredText("target") is not { } target)
        {
            return null;
        }

        var published = reader.Text("published");
        var shown = published is null ? target : $"{published}:{target}";
        return new ForwardBuilder(shown, item.Location, values.Diagnostics).Build(
            reader.Text("host_ip")?.Trim('[', ']'), published, target, reader.Text("protocol") ?? "tcp");
    }
}
