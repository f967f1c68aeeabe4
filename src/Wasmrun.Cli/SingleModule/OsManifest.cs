using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;

namespace Wasmrun.Cli.SingleModule;

/// <summary>
/// The flags of <c>wasmrun os</c> as a manifest with one service, so that they are read and checked by what reads manifests. One flag
/// stands on each line, which leads from a diagnostic back to it.
/// </summary>
internal sealed partial class OsManifest
{
    private const string CommandLine = "command line";
    private static readonly JavaScriptEncoder _encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private readonly StringBuilder _text = new();
    private readonly Dictionary<int, (string Name, string Value)> _flags = [];
    private int _line = 1;

    /// <summary>Reads the flags; diagnostics speak of them, not of this text.</summary>
    internal static ManifestResult Load(
        OsArguments arguments, string module, string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        var manifest = new OsManifest();
        manifest.Write(arguments, module);
        var result = ManifestLoader.Load(new ManifestRequest(workingDirectory, environment)
        {
            Files = ["-"],
            EnvFiles = ["/dev/null"],
            StandardInput = new StringReader(manifest._text.ToString()),
        });
        return result with { Diagnostics = [.. result.Diagnostics.Select(manifest.Relocate)] };
    }

    private void Write(OsArguments arguments, string module)
    {
        Line("{");
        Line($"\"name\": {Quote(OsStack.ProjectName(module))},");
        Line($"\"services\": {{ {Quote(OsStack.ServiceName(module))}: {{");
        Line($"\"{(Directory.Exists(module) ? "project" : "module")}\": {Quote(module)},");
        Text("language", "--language", arguments.Language);
        Text("entrypoint", "--entrypoint", arguments.Entrypoint);
        _flags[_line] = ("--restart", arguments.Restart);
        Line($"\"restart\": {Quote(arguments.Restart)},");
        List("command", "--", arguments.Arguments);
        List("environment", "--env", arguments.Environment);
        List("forwards", "--forward", arguments.Forwards);
        List("volumes", "--volume", arguments.Volumes);
        List("egress", "--egress", arguments.Egress);
        Line("\"labels\": {} } },");
        var volumes = arguments.Volumes.Select(volume => volume.Split(':')[0]).Where(IsVolumeName).Distinct(StringComparer.Ordinal);
        Line($"\"volumes\": {{ {string.Join(", ", volumes.Select(volume => $"{Quote(volume)}: {{}}"))} }} }}");
    }

    private void Text(string key, string flag, string? value)
    {
        if (value is not null)
        {
            _flags[_line] = (flag, value);
            Line($"\"{key}\": {Quote(value)},");
        }
    }

    private void List(string key, string flag, IReadOnlyList<string> values)
    {
        Line($"\"{key}\": [");
        for (var i = 0; i < values.Count; i++)
        {
            _flags[_line] = (flag, values[i]);
            Line(Quote(values[i]) + (i < values.Count - 1 ? "," : string.Empty));
        }

        Line("],");
    }

    private void Line(string text)
    {
        _text.Append(text).Append('\n');
        _line++;
    }

    /// <summary>The shell has had its say: a dollar sign that is left is meant as one.</summary>
    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text.Replace("$", "$$", StringComparison.Ordinal), _encoder)}\"";

    private static bool IsVolumeName(string source) =>
        source.Length > 0 && source[0] is not ('.' or '~') && !source.Contains('/', StringComparison.Ordinal);

    private Diagnostic Relocate(Diagnostic found)
    {
        var message = OtherPlace().Replace(found.Message, place => Describe(int.Parse(place.Groups["line"].ValueSpan, CultureInfo.InvariantCulture)));
        return found with
        {
            Location = new SourceLocation(CommandLine, 1, 1),
            Message = _flags.TryGetValue(found.Location.Line, out var flag) ? $"{flag.Name}: {message}" : message,
        };
    }

    private string Describe(int line) => _flags.TryGetValue(line, out var flag) ? $"{flag.Name} {flag.Value}" : CommandLine;

    /// <summary>A place that a message speaks of besides its own.</summary>
    [GeneratedRegex(@"<stdin>\((?<line>\d+),\d+\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OtherPlace();
}
