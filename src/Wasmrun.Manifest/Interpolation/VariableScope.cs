namespace Wasmrun.Manifest.Interpolation;

/// <summary>
/// Where a variable's value comes from: the process environment first, then the environment files of the project
/// (<c>--env-file</c>, or <c>.env</c> beside the manifest).
/// </summary>
internal sealed class VariableScope(IReadOnlyDictionary<string, string> process, IReadOnlyDictionary<string, string> files)
{
    public IReadOnlyDictionary<string, string> Process { get; } = process;

    public string? Lookup(string name) =>
        Process.TryGetValue(name, out var value) || files.TryGetValue(name, out value) ? value : null;

    /// <summary>The scope of an included manifest: its own files come last.</summary>
    public VariableScope Under(IReadOnlyDictionary<string, string> innermost)
    {
        var all = new Dictionary<string, string>(innermost, StringComparer.Ordinal);
        foreach (var (name, value) in files)
        {
            all[name] = value;
        }

        return new VariableScope(Process, all);
    }

    /// <summary>The scope with the variables of one more file of the project, which win over the files before it.</summary>
    public VariableScope Over(IReadOnlyDictionary<string, string> later)
    {
        var all = new Dictionary<string, string>(files, StringComparer.Ordinal);
        foreach (var (name, value) in later)
        {
            all[name] = value;
        }

        return new VariableScope(Process, all);
    }
}
