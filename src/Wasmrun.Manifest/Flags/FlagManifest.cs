using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Wasmrun.Manifest.Loading;

namespace Wasmrun.Manifest.Flags;

/// <summary>
/// Flags of a command as a manifest with one service, so that they are read and checked by what reads manifests. One flag stands on each
/// line, which is named after it: whatever is said of the service later speaks of the flag.
/// </summary>
public sealed class FlagManifest
{
    private const string CommandLine = "command line";
    private const string EnvironmentKey = "environment";
    private const int LongestName = 100;
    private static readonly JavaScriptEncoder s_encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private readonly StringBuilder _text = new();
    private readonly List<string> _lines = [];
    private readonly HashSet<string> _volumes = new(StringComparer.Ordinal);

    /// <summary>Begins with what the service runs.</summary>
    /// <param name="source">The absolute path of a module, or of a project's folder.</param>
    /// <param name="place">Where the service is written, for who is told of it.</param>
    /// <param name="sourcePlace">Where the source is written.</param>
    public FlagManifest(string project, string service, string source, string place = CommandLine, string sourcePlace = CommandLine)
    {
        Line("{", CommandLine);
        Line($"\"name\": {Quote(project)},", CommandLine);
        Line($"\"services\": {{ {Quote(service)}: {{", place);
        Line($"\"{(Directory.Exists(source) ? "project" : "module")}\": {Quote(source)},", sourcePlace);
    }

    /// <summary>Adds a key with one value; nothing when the flag was not given.</summary>
    public void Text(string key, string flag, string? value) => Place(key, $"{flag} {value}", value);

    /// <summary>The same for a value that is written elsewhere.</summary>
    /// <param name="place">Where it is written.</param>
    public void Place(string key, string place, string? value)
    {
        if (value is not null)
        {
            Line($"\"{key}\": {Quote(value)},", place);
        }
    }

    /// <summary>Adds a key with the values of a flag that may be given several times.</summary>
    public void List(string key, string flag, IReadOnlyList<string> values)
    {
        Line($"\"{key}\": [", CommandLine);
        for (var i = 0; i < values.Count; i++)
        {
            // What a variable is set to may be a secret.
            var shown = key == EnvironmentKey ? values[i].Split('=')[0] : values[i];
            Line(Quote(values[i]) + (i < values.Count - 1 ? "," : string.Empty), $"{flag} {shown}");
        }

        Line("],", CommandLine);
    }

    /// <summary>Adds mounts, and declares the named volumes among them.</summary>
    public void Volumes(string flag, IReadOnlyList<string> values)
    {
        List("volumes", flag, values);
        _volumes.UnionWith(values.Select(volume => volume.Split(':')[0]).Where(IsVolumeName));
    }

    /// <summary>Reads the flags.</summary>
    /// <param name="workingDirectory">Absolute; relative paths start here.</param>
    /// <param name="environment">For variables that are given without a value.</param>
    public ManifestResult Load(string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        Line("\"labels\": {} } },", CommandLine);
        Line($"\"volumes\": {{ {string.Join(", ", _volumes.Select(volume => $"{Quote(volume)}: {{}}"))} }} }}", CommandLine);
        return ManifestLoader.Load(new ManifestRequest(workingDirectory, environment)
        {
            Files = ["-"],
            EnvFiles = ["/dev/null"],
            StandardInput = new StringReader(_text.ToString()),
            StandardInputLines = _lines,
        });
    }

    private void Line(string text, string name)
    {
        _text.Append(text).Append('\n');
        _lines.Add(string.Concat(name.Take(LongestName).Select(character => char.IsControl(character) ? '\uFFFD' : character)).TrimEnd());
    }

    /// <summary>The shell has had its say: a dollar sign that is left is meant as one.</summary>
    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text.Replace("$", "$$", StringComparison.Ordinal), s_encoder)}\"";

    private static bool IsVolumeName(string source) =>
        source.Length > 0 && source[0] is not ('.' or '~') && !source.Contains('/', StringComparison.Ordinal);
}
