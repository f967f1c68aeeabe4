using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Projects;

/// <summary>The languages that projects can be written in.</summary>
internal static class LanguageRuntimes
{
    public static IReadOnlyList<ILanguageRuntime> All(SandboxEngine engine, RuntimeOptions options) =>
        [new Node.NodeProjectRuntime(engine, options), new Python.PythonRuntime(engine, options)];
}
