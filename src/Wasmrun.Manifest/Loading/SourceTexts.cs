using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Loading;

/// <summary>The texts that a load has read, so that the line a diagnostic speaks of can be shown, and their order for sorting.</summary>
public sealed class SourceTexts
{
    private readonly Dictionary<string, Source> _byName = new(StringComparer.Ordinal);

    /// <summary>The line at a place without its line break, or null when the file was not read or has no such line.</summary>
    public string? LineAt(SourceLocation location)
    {
        ArgumentNullException.ThrowIfNull(location);
        if (!_byName.TryGetValue(location.File, out var source))
        {
            return null;
        }

        using var reader = new StringReader(source.Text);
        for (var line = 1; line < location.Line && reader.ReadLine() is not null; line++)
        {
        }

        return reader.ReadLine();
    }

    internal void Add(string name, string text) =>
        _byName[name] = new Source(text, _byName.GetValueOrDefault(name)?.Order ?? _byName.Count);

    internal IReadOnlyList<Diagnostic> Sort(IEnumerable<Diagnostic> diagnostics) =>
    [
        .. diagnostics
            .OrderBy(diagnostic => _byName.GetValueOrDefault(diagnostic.Location.File)?.Order ?? -1)
            .ThenBy(diagnostic => diagnostic.Location.File, StringComparer.Ordinal)
            .ThenBy(diagnostic => diagnostic.Location.Line)
            .ThenBy(diagnostic => diagnostic.Location.Column)
            .ThenBy(diagnostic => diagnostic.Code, StringComparer.Ordinal)
            .ThenBy(diagnostic => diagnostic.Message, StringComparer.Ordinal),
    ];

    private sealed record Source(string Text, int Order);
}
