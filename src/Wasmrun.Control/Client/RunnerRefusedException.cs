using Wasmrun.Control.Api;

namespace Wasmrun.Control.Client;

/// <summary>The runner answered, and the answer was no.</summary>
public sealed class RunnerRefusedException(Problem problem) : Exception($"{problem.Title}: {problem.Detail}")
{
    public Problem Problem { get; } = problem;
}
