using System.Text.Json;

namespace Wasmrun.Conformance;

/// <summary>
/// One test of the suite: a module, and beside it what it is run with and must answer. A test without such a
/// specification must exit with 0.
/// </summary>
internal sealed record TestCase(string Module)
{
    private const string Target = "wasm32-wasip1";

    private static readonly string[] s_languages = ["assemblyscript", "c", "rust"];
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string Name => $"{LanguageOf(Module)}/{Path.GetFileNameWithoutExtension(Module)}";

    public string Folder => Path.GetDirectoryName(Module)!;

    public static IReadOnlyList<TestCase> FindAll(string checkout) =>
    [
        .. s_languages
            .Select(language => Path.Combine(checkout, "tests", language, "testsuite", Target))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.wasm").Order(StringComparer.Ordinal))
            .Select(module => new TestCase(Path.GetFullPath(module))),
    ];

    public TestSpecification ReadSpecification()
    {
        var file = Path.ChangeExtension(Module, ".json");
        return File.Exists(file)
            ? JsonSerializer.Deserialize<TestSpecification>(File.ReadAllText(file), s_json) ?? new()
            : new();
    }

    private static string LanguageOf(string module) => Directory.GetParent(module)!.Parent!.Parent!.Name;
}
