using System.Diagnostics;
using CsCheck;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Settings;

namespace Wasmrun.Tests.Manifest;

/// <summary>No input makes a loader throw, hang or grow without bound; and whatever it says, it says at a place in a known file.</summary>
public sealed class HostileInputTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, string> _noVariables = new(StringComparer.Ordinal);

    private static readonly string _manyKeys = string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"k{i}: 1"));

    private static readonly string[] _fragments =
    [
        "services:", "web:", "module:", "app.wasm", "forwards:", "ports:", "extends:", "include:", "wasmrun-compose.yaml", "depends_on:",
        "volumes:", "x-a:", "environment:", "8080:3000", "[::1]:80:80", "null", "~",
        "- ", "  ", "    ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", ": ", "\"", "'", "?", "|", ">", "#",
        "---", "...", "%YAML 1.2",
        "&a ", "*a", "<<: *a", "!reset ", "!override ", "!!str ", "${V:-", "${", "$", "$$", "}", "\t", "\0", "\uFEFF", "\u007F",
        "restart:", "on-failure:5", "deploy:", "resources:", "limits:", "memory:", "64M", "\"\\ud800\"", "\"\\0\"", "é", "\U0001F600",
    ];

    [Fact]
    public void Manifest_OfRandomBytesNeverThrows() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Survives(folder => folder.WriteBytes("wasmrun-compose.yaml", bytes)), iter: 300);

    [Fact]
    public void Manifest_OfRandomFragmentsNeverThrows() =>
        Gen.OneOf(_fragments).Array[0, 60].Sample(
            fragments => Survives(string.Concat(fragments)), iter: 1500);

    [Fact]
    public void Manifest_WithRandomEditsNeverThrows()
    {
        var original = File.ReadAllText(Path.Combine(Fixture.Root, "valid", "everything", "wasmrun-compose.yaml"));
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Int[0, 12], Gen.OneOf(_fragments)).Array[1, 4].Sample(
            edits => Survives(Edit(original, edits)),
            iter: 1000,
            print: edits => Edit(original, edits));
    }

    [Fact]
    public void EnvFile_OfRandomFragmentsNeverThrows() =>
        Gen.OneOf("A", "=", "\"", "'", "\\", "\n", "#", " ", "${", "}", "$", "export ", "\0", "\r", "x").Array[0, 40].Sample(
            fragments => Survives(folder =>
            {
                folder.Write("wasmrun-compose.yaml", "services: { web: { module: app.wasm, env_file: .env } }");
                folder.Write(".env", string.Concat(fragments));
            }),
            iter: 500);

    [Fact]
    public void Settings_OfRandomFragmentsNeverThrow() =>
        Gen.OneOf(
                "[", "]", "project", "network", "forwards", "environment", "watch", "os", ".", "=", "\"", "'", "\"\"\"", "\n",
                " ", ",", "{", "}", "1", "true",
                "1979-05-27", "0x", "\\u0000", "\0", "#", "\"8080:3000\"", "nan", "[[", "]]")
            .Array[0, 40].Sample(
                fragments =>
                {
                    using var folder = new TemporaryFolder();
                    folder.Write(".wasmrun.toml", string.Concat(fragments));
                    var result = OsSettingsLoader.Load(folder.Path, folder.Path);
                    return (result.Settings is null) == HasErrors(result.Diagnostics);
                },
                iter: 500);

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Manifest_ThatMultipliesIsBounded(string name, string code)
    {
        using var scenario = new Scenario(Bomb(name));
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = scenario.Load();
        Assert.Contains(code, result.Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.True(clock.Elapsed < _patience, $"took {clock.Elapsed}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2L << 30);
    }

    public static TheoryData<string, string> Bombs => new()
    {
        { "aliases", "WR1009" },
        { "merge keys", "WR1009" },
        { "extends", "WR1009" },
        { "ranges", "WR1009" },
        { "nested lists", "WR1008" },
        { "nested keys", "WR1008" },
        { "nested substitutions", "WR1501" },
        { "unknown keys", "WR1014" },
        { "unknown dependencies", "WR1014" },
        { "chain of dependencies", "WR1205" },
        { "include of itself", "WR1601" },
    };

    private static string Bomb(string name) => name switch
    {
        "aliases" => "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n" + Lines(
            20, i => $"x-{i + 1}: &a{i + 1} [{string.Join(", ", Enumerable.Repeat($"*a{i}", 9))}]\n"),
        "merge keys" => $"x-a: &a {{ {_manyKeys} }}\nx-b:\n" + Lines(
            5000, i => $"  n{i}: {{ <<: *a }}\n"),
        "extends" => $"services:\n  base: {{ environment: {{ {_manyKeys} }} }}\n" + Lines(5000, i => $"  s{i}: {{ extends: base }}\n"),
        "ranges" => "services:\n" + Lines(500, i => $"  s{i}: {{ forwards: [{string.Join(", ", Enumerable.Repeat("1001-2000", 50))}] }}\n"),
        "nested lists" => "x-a: " + new string('[', 1_000_000),
        "nested keys" => Lines(1500, i => new string(' ', i) + "a:\n"),
        "nested substitutions" =>
            $"x-a: \"{string.Concat(Enumerable.Repeat("${A:-", 500_000))}\"\nservices: {{ web: {{ module: app.wasm }} }}",
        "unknown keys" => Lines(60_000, i => $"k{i}: 1\n"),
        "unknown dependencies" => "services:\n" + Lines(20_000, i => $"  s{i}: {{ depends_on: [q{i}] }}\n"),
        "chain of dependencies" => "services:\n" + Lines(
            20_000, i => $"  s{i}: {{ module: app.wasm, depends_on: [s{(i + 1) % 20_000}] }}\n"),
        _ => "include: [wasmrun-compose.yaml, wasmrun-compose.yaml]\nservices: { web: { module: app.wasm } }",
    };

    private static string Lines(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(line));

    private static string Edit(string original, (int At, int Removed, string Inserted)[] edits) =>
        edits.Aggregate(original, (text, edit) =>
        {
            var at = Math.Min(edit.At, text.Length);
            return text.Remove(at, Math.Min(edit.Removed, text.Length - at)).Insert(at, edit.Inserted);
        });

    private static bool Survives(string manifest)
    {
        using var input = new StringReader(manifest);
        return IsSound(ManifestLoader.Load(new ManifestRequest(Fixture.Root, _noVariables) { Files = ["-"], StandardInput = input }));
    }

    private static bool Survives(Action<TemporaryFolder> prepare)
    {
        using var folder = new TemporaryFolder();
        prepare(folder);
        return IsSound(ManifestLoader.Load(new ManifestRequest(folder.Path, _noVariables)));
    }

    private static bool HasErrors(IEnumerable<Diagnostic> diagnostics) =>
        diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    private static bool IsSound(ManifestResult result) =>
        (result.Stack is null) == HasErrors(result.Diagnostics)
        && result.Diagnostics.All(diagnostic =>
            diagnostic.Location is { Line: >= 1, Column: >= 1, File.Length: > 0 } && !diagnostic.Message.Any(char.IsControl));
}
