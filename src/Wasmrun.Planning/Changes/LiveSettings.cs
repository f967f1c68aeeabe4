using Wasmrun.Manifest.Specs;

namespace Wasmrun.Planning.Changes;

/// <summary>What a supervisor takes over while the instance runs on.</summary>
internal static class LiveSettings
{
    /// <summary>Whether an instance is to be held to other bounds, which it notices only when it reaches them.</summary>
    public static bool HasOtherLimits(ServiceSpec before, ServiceSpec after) =>
        before.Limits.MemoryBytes != after.Limits.MemoryBytes || before.Limits.Cpus != after.Limits.Cpus;

    /// <summary>The names of the settings in which the two differ.</summary>
    public static IReadOnlyList<string> Differences(ServiceSpec before, ServiceSpec after)
    {
        var differences = new List<string>();
        if (before.Restart != after.Restart)
        {
            differences.Add("restart");
        }

        if (before.UpdateOrder != after.UpdateOrder)
        {
            differences.Add("update_config");
        }

        if (before.Logging != after.Logging)
        {
            differences.Add("logging");
        }

        if (before.StopGracePeriod != after.StopGracePeriod)
        {
            differences.Add("stop_grace_period");
        }

        if (!before.DependsOn.Select(Essence).SequenceEqual(after.DependsOn.Select(Essence)))
        {
            differences.Add("depends_on");
        }

        return differences;
    }

    private static (string Service, DependencyCondition Condition, bool Required, bool Restart) Essence(DependencySpec dependency) =>
        (dependency.Service, dependency.Condition, dependency.Required, dependency.Restart);
}
