using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads the list of destinations that a service may reach.</summary>
internal sealed class EgressReader(ValueReader values)
{
    public IReadOnlyList<EgressSpec> Read(SourceNode? node) =>
    [
        .. values.DistinctTexts(values.List(node, "'egress'"), "'egress'")
            .Select(entry => EgressParser.Parse(entry.Text, entry.Node.Location, values.Diagnostics))
            .OfType<EgressSpec>(),
    ];
}
