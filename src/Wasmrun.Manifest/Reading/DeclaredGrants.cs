using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>The secrets or the configs that the stack declares, each with where its content comes from.</summary>
internal sealed class DeclaredGrants
{
    private readonly Dictionary<string, MappingEntry> _entries;
    private readonly Dictionary<string, GrantSource?> _sources = new(StringComparer.Ordinal);
    private readonly ReadContext _context;

    private DeclaredGrants(GrantKind kind, Dictionary<string, MappingEntry> entries, ReadContext context)
    {
        Kind = kind;
        _entries = entries;
        _context = context;
    }

    public GrantKind Kind { get; }

    private string Noun => Kind == GrantKind.Secret ? "secret" : "config";

    private KeyTable Keys => Kind == GrantKind.Secret ? ManifestKeys.Secret : ManifestKeys.Config;

    public static DeclaredGrants Read(GrantKind kind, IReadOnlyList<MappingEntry> entries, ReadContext context)
    {
        var declared = new DeclaredGrants(kind, entries.ToDictionary(entry => entry.Key.Text, StringComparer.Ordinal), context);
        foreach (var entry in entries)
        {
            declared._sources[entry.Key.Text] = declared.ReadSource(entry);
        }

        return declared;
    }

    /// <summary>Where the content comes from; null, with a diagnostic, when that is nowhere.</summary>
    /// <param name="mustExist">Whether the content must be there now.</param>
    public GrantSource? Find(string name, SourceNode place, bool mustExist)
    {
        if (!_sources.TryGetValue(name, out var source))
        {
            var hint = _context.Diagnostics.DidYouMean(name, _sources.Keys);
            var remedy = hint.Length > 0 ? hint : $"; add it at the top level under '{Noun}s'";
            _context.Diagnostics.Report(ManifestDiagnostics.UnknownGrant, place.Location, $"the {Noun} '{name}' is not declared{remedy}");
            return null;
        }

        if (mustExist && source is { File: { } file } && !File.Exists(file))
        {
            Report(_entries[name], $"its file '{file}' does not exist; make it, or correct the path");
        }
        else if (mustExist && source is { Variable: { } variable, Content: null })
        {
            Report(_entries[name], $"the variable '{variable}' is not set; set it, or name a file");
        }

        return source;
    }

    /// <summary>Where the guest finds it: as written, below the usual folder if that is no absolute path, or named like itself there.</summary>
    public string Target(string name, string? written)
    {
        var file = written ?? name;
        return file.StartsWith('/') ? file : Kind == GrantKind.Secret ? $"/run/secrets/{file}" : $"/{file}";
    }

    private GrantSource? ReadSource(MappingEntry entry)
    {
        if (MappingReader.Open(entry.Value, $"the {Noun} '{entry.Key.Text}'", Keys, _context.Values) is not { } reader)
        {
            return null;
        }

        var written = Keys.Keys.Where(key => reader.Find(key) is not null).ToList();
        if (written is not [var only])
        {
            Report(entry, $"write exactly one of {string.Join(", ", Keys.Keys.Select(key => $"'{key}'"))}");
            return null;
        }

        return reader.Text(only) is not { } text ? null : only switch
        {
            "file" => new(HostPath.Resolve(text, reader.Find(only)!.Document.BaseDirectory, _context.Scope), Content: null, Variable: null),
            "environment" => new(File: null, _context.Scope.Lookup(text), text),
            _ => new(File: null, text, Variable: null),
        };
    }

    private void Report(MappingEntry entry, string problem) => _context.Diagnostics.Report(
        ManifestDiagnostics.BadGrantSource, entry.Key.Location, $"the content of the {Noun} '{entry.Key.Text}' cannot be had: {problem}");
}
