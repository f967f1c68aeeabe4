using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Interpolation;

namespace Wasmrun.Manifest.Loading;

/// <summary>Reads environment files, each once however many services name it.</summary>
internal sealed class EnvFileLoader(SourceReader sources, DiagnosticBag diagnostics)
{
    private static readonly Dictionary<string, string> _none = new(StringComparer.Ordinal);

    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _loaded = new(StringComparer.Ordinal);

    /// <summary>The variables of a file, or none, with a diagnostic, when it cannot be used.</summary>
    /// <param name="askedAt">Where the file is named, or null for the command line.</param>
    /// <param name="required">Whether it is an error that the file does not exist.</param>
    public IReadOnlyDictionary<string, string> Load(string path, SourceLocation? askedAt, VariableScope scope, bool required)
    {
        if (!_loaded.TryGetValue(path, out var values))
        {
            values = required || File.Exists(path) ? Read(path, askedAt, scope) : _none;
            _loaded.Add(path, values);
        }

        return values;
    }

    private IReadOnlyDictionary<string, string> Read(string path, SourceLocation? askedAt, VariableScope scope)
    {
        var document = sources.ReadFile(path, sources.NameOf(path), Path.GetDirectoryName(path) ?? path, askedAt);
        return document is null ? _none : EnvFileParser.Parse(document, scope, diagnostics);
    }
}
