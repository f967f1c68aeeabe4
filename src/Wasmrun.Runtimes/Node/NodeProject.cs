using System.Text.Json;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node;

/// <summary>Looks at a folder as Node.js does: which file is the program's entry.</summary>
internal static class NodeProject
{
    private static readonly string[] _usual = ["server.js", "index.js", "app.js", "main.js", "index.mjs", "server.mjs", "server.ts", "index.ts", "app.ts", "main.ts"];

    /// <summary>Whether the folder is a project of Node.js.</summary>
    public static bool IsProject(string folder) => File.Exists(Path.Combine(folder, "package.json")) || _usual.Any(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>The entry, relative to the folder: what was asked for, the start script's, <c>main</c>, or a file of a usual name.</summary>
    /// <exception cref="ModuleLoadException">There is none.</exception>
    public static string FindEntry(string folder, string? written)
    {
        if (written is not null)
        {
            return File.Exists(Path.Combine(folder, written))
                ? written
                : throw new ModuleLoadException($"the entrypoint '{written}' is not in the project '{folder}'");
        }

        var (start, main) = ReadPackage(folder);
        return Candidates(start, main).FirstOrDefault(name => File.Exists(Path.Combine(folder, name)))
            ?? throw new ModuleLoadException(
                $"the project '{folder}' has no entry: package.json names none in \"scripts.start\" or \"main\", and there is no {string.Join(", ", _usual)}; set 'entrypoint'");
    }

    private static IEnumerable<string> Candidates(string? start, string? main)
    {
        var words = start?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words is ["node" or "tsx" or "ts-node", .. var rest] && rest.FirstOrDefault(word => !word.StartsWith('-')) is { } script)
        {
            yield return script;
            yield return $"{script}.js";
        }

        if (main is not null)
        {
            yield return main;
            yield return $"{main}.js";
            yield return Path.Combine(main, "index.js");
        }

        foreach (var name in _usual)
        {
            yield return name;
        }
    }

    private static (string? Start, string? Main) ReadPackage(string folder)
    {
        var path = Path.Combine(folder, "package.json");
        if (ProjectJson.Read(folder, "package.json") is not { } text)
        {
            return (null, null);
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var start = root.TryGetProperty("scripts", out var scripts) && scripts.ValueKind == JsonValueKind.Object ? Text(scripts, "start") : null;
            return (start, Text(root, "main"));
        }
        catch (JsonException e)
        {
            throw new ModuleLoadException($"{path} is not valid JSON: {e.Message}");
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
