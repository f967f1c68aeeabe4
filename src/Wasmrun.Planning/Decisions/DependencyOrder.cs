namespace Wasmrun.Planning.Decisions;

/// <summary>Puts names so that each comes after all that it depends on, and otherwise as they were.</summary>
internal static class DependencyOrder
{
    /// <summary>Dependencies that are not among the names are left out.</summary>
    /// <exception cref="ArgumentException">The dependencies form a circle, which the manifest's validation rejects.</exception>
    public static IReadOnlyList<string> Sort(IReadOnlyList<string> names, Func<string, IEnumerable<string>> dependencies)
    {
        var known = names.ToHashSet(StringComparer.Ordinal);
        var sorted = new List<string>(names.Count);
        var finished = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            Visit(name);
        }

        return sorted;

        void Visit(string name)
        {
            if (finished.TryGetValue(name, out var isFinished))
            {
                if (!isFinished)
                {
                    throw new ArgumentException($"'{name}' depends on itself", nameof(dependencies));
                }

                return;
            }

            finished[name] = false;
            foreach (var dependency in dependencies(name).Where(known.Contains))
            {
                Visit(dependency);
            }

            finished[name] = true;
            sorted.Add(name);
        }
    }
}
