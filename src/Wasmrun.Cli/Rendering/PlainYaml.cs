using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Serialization;

namespace Wasmrun.Cli.Rendering;

/// <summary>Writes a tree of dictionaries, lists and plain values as YAML, in the order it has.</summary>
internal static class PlainYaml
{
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Code would be made for classes; dictionaries, lists and plain values need none.")]
    public static string Write(Dictionary<string, object> root) =>
        new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).DisableAliases().Build().Serialize(root);
}
