using System.Globalization;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Settings;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Manifest;

/// <summary>
/// One folder below <c>fixtures</c>: files as a user has them, optionally <c>request.txt</c> with what the command line adds
/// (see <see cref="Apply"/>), and <c>expect.txt</c> with the diagnostics to the letter. It is loaded in a copy of its own, in which
/// <c>app.wasm</c> always exists.
/// </summary>
internal sealed class Fixture(string name)
{
    private const string FolderPlaceholder = "{folder}";

    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["HOME"] = "/home/me" };
    private readonly List<string> _files = [];
    private readonly List<string> _envFiles = [];
    private readonly List<string> _profiles = [];
    private string? _projectName;
    private string? _projectDirectory;
    private string? _standardInput;
    private bool _isSettings;
    private int _tail = int.MaxValue;

    public static string Root { get; } = Repository.PathOf("tests/Wasmrun.Tests/Manifest/fixtures");

    private string Source { get; } = Path.Combine(Root, name);

    public static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Root, "expect.txt", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, Path.GetDirectoryName(file)!).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    public IReadOnlyList<string> Expected() => File.ReadAllLines(Path.Combine(Source, "expect.txt"));

    public IReadOnlyList<string> Actual()
    {
        using var folder = new TemporaryFolder();
        folder.Copy(Source);
        folder.Write("app.wasm", string.Empty);
        var request = Path.Combine(Source, "request.txt");
        foreach (var line in File.Exists(request) ? File.ReadLines(request) : [])
        {
            Apply(line.Split(' ', 2), folder);
        }

        return [.. Load(folder).TakeLast(_tail).Select(diagnostic => diagnostic.ToString().Replace(
            folder.Path, FolderPlaceholder, StringComparison.Ordinal))];
    }

    private IReadOnlyList<Diagnostic> Load(TemporaryFolder folder)
    {
        if (_isSettings)
        {
            return OsSettingsLoader.Load(folder.Path, folder.Path).Diagnostics;
        }

        using var standardInput = _standardInput is null ? null : new StringReader(_standardInput);
        return ManifestLoader.Load(new ManifestRequest(folder.Path, _environment)
        {
            Files = _files,
            EnvFiles = _envFiles,
            Profiles = _profiles,
            ProjectName = _projectName,
            ProjectDirectory = _projectDirectory,
            StandardInput = standardInput,
        }).Diagnostics;
    }

    private void Apply(string[] directive, TemporaryFolder folder)
    {
        var argument = directive.ElementAtOrDefault(1) ?? string.Empty;
        var parts = argument.Split(' ', 2);
        switch (directive[0])
        {
            case "file":
                _files.Add(argument);
                break;
            case "env-file":
                _envFiles.Add(argument);
                break;
            case "profile":
                _profiles.Add(argument);
                break;
            case "project-name":
                _projectName = argument;
                break;
            case "project-directory":
                _projectDirectory = argument;
                break;
            case "env":
                var variable = argument.Split('=', 2);
                _environment[variable[0]] = variable[1];
                break;
            case "stdin":
                _standardInput = argument;
                break;
            case "settings":
                _isSettings = true;
                break;
            case "mkdir":
                Directory.CreateDirectory(Path.Combine(folder.Path, argument));
                break;
            case "pad":
                folder.Append(parts[0], new string('#', int.Parse(parts[1], CultureInfo.InvariantCulture)));
                break;
            case "bytes":
                folder.WriteBytes(parts[0], Convert.FromHexString(parts[1]));
                break;
            case "nested":
                folder.Append(parts[0], new string('[', int.Parse(parts[1], CultureInfo.InvariantCulture)));
                break;
            case "services":
                var lines = Enumerable.Range(0, int.Parse(parts[1], CultureInfo.InvariantCulture))
                    .Select(index => string.Create(CultureInfo.InvariantCulture, $"  s{index}: {{ modul: app.wasm }}\n"));
                folder.Append(parts[0], string.Concat(lines));
                break;
            case "tail":
                _tail = int.Parse(argument, CultureInfo.InvariantCulture);
                break;
            case "env-files":
                var count = int.Parse(argument, CultureInfo.InvariantCulture);
                for (var index = 0; index < count; index++)
                {
                    var file = string.Create(CultureInfo.InvariantCulture, $"{index}.env");
                    folder.Write(file, string.Empty);
                    _envFiles.Add(file);
                }

                break;
            default:
                throw new InvalidOperationException($"{name}: unknown directive '{directive[0]}'");
        }
    }
}
