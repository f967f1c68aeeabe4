using YamlDotNet.Serialization;

namespace Wasmrun.Cli.Rendering;

/// <summary>Writes a tree of dictionaries, lists and plain values as YAML; nothing else, so that no type has to be described.</summary>
internal sealed class PlainYaml : StaticContext
{
    private static readonly ISerializer s_serializer =
        new StaticSerializerBuilder(new PlainYaml()).WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).DisableAliases().Build();

    public static string Write(Dictionary<string, object> root) => s_serializer.Serialize(root);

    public override bool IsKnownType(Type type) => false;
}
