namespace Wasmrun.Sandbox.Modules;

/// <summary>Carries a <see cref="ModuleProblem"/> from where it is found to where the name of the file is known.</summary>
internal sealed class ModuleProblemException(ModuleProblem problem, Exception? cause = null) : Exception(problem.Text, cause)
{
    public ModuleProblem Problem { get; } = problem;
}
