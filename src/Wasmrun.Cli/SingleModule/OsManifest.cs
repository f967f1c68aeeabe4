using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Settings;

namespace Wasmrun.Cli.SingleModule;

/// <summary>
/// The flags of <c>wasmrun os</c> as a manifest with one service, so that they are read and checked by what reads manifests. One flag
/// stands on each line, which is named after it: whatever is said of the service later speaks of the flag.
/// </summary>
internal sealed class OsManifest
{
    private const string CommandLine = "command line";
    private const int LongestName = 100;
    private static readonly JavaScriptEncoder _encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private readonly StringBuilder _text = new();
    private readonly List<string> _lines = [];

    /// <summary>Reads the flags, and of the settings file what says what is run.</summary>
    /// <param name="module">The absolute path of the module or the project.</param>
    internal static ManifestResult Load(
        OsArguments arguments, OsSettings? settings, string module, string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        var manifest = new OsManifest();
        var file = settings?.File is { } path ? Path.GetRelativePath(workingDirectory, path) : string.Empty;
        manifest.Write(
            arguments,
            module,
            (arguments.Language ?? settings?.Language, arguments.Language is null ? file : $"--language {arguments.Language}"),
            (arguments.Entrypoint ?? settings?.Entrypoint, arguments.Entrypoint is null ? file : $"--entrypoint {arguments.Entrypoint}"));
        return ManifestLoader.Load(new ManifestRequest(workingDirectory, environment)
        {
            Files = ["-"],
            EnvFiles = ["/dev/null"],
            StandardInput = new StringReader(manifest._text.ToString()),
            StandardInputLines = manifest._lines,
        });
    }

    private void Write(OsArguments arguments, string module, (string? Value, string Name) language, (string? Value, string Name) entrypoint)
    {
        Line("{", CommandLine);
        Line($"\"name\": {Quote(OsStack.ProjectName(module))},", CommandLine);
        Line($"\"services\": {{ {Quote(OsStack.ServiceName(module))}: {{", WhatRuns(arguments));
        Line($"\"{(Directory.Exists(module) ? "project" : "module")}\": {Quote(module)},", arguments.Path);
        Text("language", language.Value, language.Name);
        Text("entrypoint", entrypoint.Value, entrypoint.Name);
        Text("restart", arguments.Restart, $"--restart {arguments.Restart}");
        List("command", "--", arguments.Arguments);
        List("environment", "--env", arguments.Environment);
        List("forwards", "--forward", arguments.Forwards);
        List("volumes", "--volume", arguments.Volumes);
        List("egress", "--egress", arguments.Egress);
        Line("\"labels\": {} } },", CommandLine);
        var volumes = arguments.Volumes.Select(volume => volume.Split(':')[0]).Where(IsVolumeName).Distinct(StringComparer.Ordinal);
        Line($"\"volumes\": {{ {string.Join(", ", volumes.Select(volume => $"{Quote(volume)}: {{}}"))} }} }}", CommandLine);
    }

    /// <summary>The path, and the flags that say what of it is started.</summary>
    private static string WhatRuns(OsArguments arguments) => arguments.Path
        + (arguments.Language is { } language ? $" --language {language}" : string.Empty)
        + (arguments.Entrypoint is { } entrypoint ? $" --entrypoint {entrypoint}" : string.Empty);

    private void Text(string key, string? value, string name)
    {
        if (value is not null)
        {
            Line($"\"{key}\": {Quote(value)},", name);
        }
    }

    private void List(string key, string flag, IReadOnlyList<string> values)
    {
        Line($"\"{key}\": [", CommandLine);
        for (var i = 0; i < values.Count; i++)
        {
            // What a variable is set to may be a secret.
            var shown = flag == "--env" ? values[i].Split('=')[0] : values[i];
            Line(Quote(values[i]) + (i < values.Count - 1 ? "," : string.Empty), $"{flag} {shown}");
        }

        Line("],", CommandLine);
    }

    private void Line(string text, string name)
    {
        _text.Append(text).Append('\n');
        _lines.Add(string.Concat(name.Take(LongestName).Select(character => char.IsControl(character) ? '\uFFFD' : character)).TrimEnd());
    }

    /// <summary>The shell has had its say: a dollar sign that is left is meant as one.</summary>
    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text.Replace("$", "$$", StringComparison.Ordinal), _encoder)}\"";

    private static bool IsVolumeName(string source) =>
        source.Length > 0 && source[0] is not ('.' or '~') && !source.Contains('/', StringComparison.Ordinal);
}
