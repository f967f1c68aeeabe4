using Tomlyn;
using Tomlyn.Model;
using Wasmrun.Runtimes.Projects;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Python;

/// <summary>What a project's <c>pyproject.toml</c> says about how it is started.</summary>
/// <param name="Entrypoint"><c>entrypoint</c> of <c>[tool.wasmrun]</c>.</param>
/// <param name="Scripts">The functions that <c>[project.scripts]</c> names.</param>
/// <param name="Dependencies">The requirements in <c>dependencies</c> of <c>[project]</c>.</param>
internal sealed record PythonProjectFile(string? Entrypoint, IReadOnlyList<string> Scripts, IReadOnlyList<string> Dependencies)
{
    public const string Name = "pyproject.toml";

    /// <summary>The file of a folder; empty when there is none.</summary>
    /// <exception cref="ModuleLoadException">It is not TOML.</exception>
    public static PythonProjectFile Read(string folder)
    {
        if (ProjectText.Read(folder, Name) is not { } text)
        {
            return new(null, [], []);
        }

        try
        {
            var root = TomlSerializer.Deserialize<TomlTable>(text, PythonToml.Default);
            return new(
                Table(Table(root, "tool"), "wasmrun")?.TryGetValue("entrypoint", out var written) == true ? written as string : null,
                [.. (Table(Table(root, "project"), "scripts") ?? []).Values.OfType<string>()],
                Table(root, "project")?.TryGetValue("dependencies", out var dependencies) == true && dependencies is TomlArray array ? [.. array.OfType<string>()] : []);
        }
        catch (TomlException broken)
        {
            throw new ModuleLoadException($"'{Path.Combine(folder, Name)}' cannot be read: {broken.Message}", broken);
        }
    }

    private static TomlTable? Table(TomlTable? from, string name) =>
        from?.TryGetValue(name, out var value) == true ? value as TomlTable : null;
}
