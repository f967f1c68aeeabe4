namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Why a module cannot be run, without the name of the file: the same bytes may lie in several files. It leaves the code
/// that found it as an exception of <see cref="ModuleProblemException"/> and reaches the user as a <see cref="ModuleLoadException"/>.
/// </summary>
/// <param name="Text">What is wrong and what to do about it.</param>
/// <param name="Line">Line of a text module, from 1; 0 when the place is not known.</param>
internal sealed record ModuleProblem(string Text, int Line = 0, int Column = 0)
{
    public ModuleLoadException In(string path, Exception? cause = null) =>
        new(Line > 0 ? $"{path}({Line},{Column}): {Text}" : $"{path}: {Text}", cause);
}
