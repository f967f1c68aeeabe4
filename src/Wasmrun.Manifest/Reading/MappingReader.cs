using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>
/// Reads one mapping against its table of keys. Opening it reports every key that is unknown, so that no key is
/// ever passed over in silence; the getters then read the rest.
/// </summary>
internal sealed class MappingReader
{
    private readonly KeyTable _keys;
    private readonly ValueReader _values;

    private MappingReader(MappingNode node, KeyTable keys, ValueReader values)
    {
        Node = node;
        _keys = keys;
        _values = values;
    }

    public MappingNode Node { get; }

    private DiagnosticBag Diagnostics => _values.Diagnostics;

    /// <summary>Null, with a diagnostic, when the node is not a mapping.</summary>
    public static MappingReader? Open(SourceNode node, string what, KeyTable keys, ValueReader values)
    {
        if (node is not MappingNode mapping)
        {
            values.ReportType(node, what, "a mapping");
            return null;
        }

        var reader = new MappingReader(mapping, keys, values);
        foreach (var entry in mapping.Entries)
        {
            reader.CheckKey(entry.Key);
        }

        return reader;
    }

    /// <summary>The value of a key, or null when it is absent or empty.</summary>
    public SourceNode? Find(string key) =>
        Node.Value(key) is { } value and not ScalarNode { IsNull: true } ? value : null;

    public string? Text(string key) => Find(key) is { } node ? _values.Text(node, Named(key)) : null;

    public bool? Flag(string key) => Find(key) is { } node ? _values.Flag(node, Named(key)) : null;

    public int? Number(string key, int lowest, int highest) =>
        Find(key) is { } node ? _values.Number(node, Named(key), lowest, highest) : null;

    public TimeSpan? Duration(string key) => Find(key) is { } node ? _values.Duration(node, Named(key)) : null;

    public T? Choice<T>(string key, IReadOnlyDictionary<string, T> choices)
        where T : struct
        => Find(key) is { } node ? _values.Choice(node, Named(key), choices) : null;

    /// <summary>The text of a key that must be there.</summary>
    public string? RequiredText(string key)
    {
        if (Find(key) is null)
        {
            Diagnostics.Report(ManifestDiagnostics.MissingKey, Node.Location, $"{_keys.Owner} needs {Named(key)}; add it");
        }

        return Text(key);
    }

    /// <summary>The reader of a nested mapping, or null when it is absent or something else.</summary>
    public MappingReader? Mapping(string key, KeyTable keys) => Find(key) is { } node ? Open(node, Named(key), keys, _values) : null;

    private static string Named(string key) => $"'{key}'";

    private void CheckKey(ScalarNode key)
    {
        if (!_keys.Knows(key.Text))
        {
            var hint = _keys.OtherNames.TryGetValue(key.Text, out var ours) ? $"; did you mean '{ours}'?" : Diagnostics.DidYouMean(key.Text, _keys.Keys);
            var remedy = hint.Length > 0 ? hint : "; it has " + string.Join(", ", _keys.Keys);
            Diagnostics.Report(ManifestDiagnostics.UnknownKey, key.Location, $"{_keys.Owner} has no key '{key.Text}'{remedy}");
        }
    }
}
