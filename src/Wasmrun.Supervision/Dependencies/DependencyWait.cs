using Wasmrun.Manifest.Specs;
using Wasmrun.Supervision.Services;

namespace Wasmrun.Supervision.Dependencies;

/// <summary>
/// Waits until what a service depends on is as far as the manifest says, all of it at once, and ends at the first
/// dependency that can no longer get there.
/// </summary>
internal static class DependencyWait
{
    /// <summary>Waits for all of them.</summary>
    /// <param name="skipped">Told of dependencies that are not required and will not be met.</param>
    /// <returns>Null when all are met, or the first that cannot be.</returns>
    public static async Task<UnmetDependency?> WaitAsync(
        IReadOnlyList<DependencySpec> dependencies, ServiceRegistry services, Action<UnmetDependency> skipped, CancellationToken token)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
        var waits = dependencies.Select(dependency => WaitAsync(dependency, services, ending.Token)).ToList();
        try
        {
            while (waits.Count > 0)
            {
                var finished = await Task.WhenAny(waits);
                waits.Remove(finished);
                if (await finished is { } unmet)
                {
                    if (unmet.Dependency.Required)
                    {
                        return unmet;
                    }

                    skipped(unmet);
                }
            }

            return null;
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(waits)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<UnmetDependency?> WaitAsync(DependencySpec dependency, ServiceRegistry services, CancellationToken token)
    {
        if (services.Find(dependency.Service) is not { } service)
        {
            return new(dependency, "does not run", []);
        }

        var (verdict, lastLines) = await service.WaitAsync(dependency.Condition, token);
        return verdict.Problem is { } problem ? new(dependency, problem, lastLines) : null;
    }
}

/// <summary>A dependency that will not be as far as it must be.</summary>
/// <param name="Problem">What became of it: <c>exited with code 1</c>.</param>
/// <param name="LastLines">The last lines of its log.</param>
internal sealed record UnmetDependency(DependencySpec Dependency, string Problem, IReadOnlyList<string> LastLines);
