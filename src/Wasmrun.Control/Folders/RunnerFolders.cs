using System.Globalization;

namespace Wasmrun.Control.Folders;

/// <summary>
/// The three places where the runner keeps things, as the XDG base directories want them: what lives as long as a run
/// (sockets, locks), what outlives it (state, logs), and what can be made again (compiled code). Nothing is created here.
/// </summary>
public sealed record RunnerFolders(string Runtime, string State, string Cache)
{
    /// <summary>
    /// <c>WASMRUN_RUNTIME_DIR</c>, <c>WASMRUN_STATE_DIR</c> and <c>WASMRUN_CACHE_DIR</c> win; then <c>XDG_*</c>, of which the runtime
    /// folder counts only if the user owns it; then <c>TMPDIR</c> and the home folder.
    /// </summary>
    public static RunnerFolders FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var home = Value(environment, "HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return new RunnerFolders(
            Value(environment, "WASMRUN_RUNTIME_DIR") is { } runtime ? Path.GetFullPath(runtime) : DefaultRuntime(environment),
            Place(environment, "WASMRUN_STATE_DIR", "XDG_STATE_HOME", Path.Combine(home, ".local", "state")),
            Place(environment, "WASMRUN_CACHE_DIR", "XDG_CACHE_HOME", Path.Combine(home, ".cache")));
    }

    private static string DefaultRuntime(IReadOnlyDictionary<string, string> environment)
    {
        if (AbsoluteValue(environment, "XDG_RUNTIME_DIR") is { } xdg && PrivateFolder.IsOwned(xdg))
        {
            return Path.Combine(xdg, "wasmrun");
        }

        var temporary = AbsoluteValue(environment, "TMPDIR") ?? "/tmp";
        return Path.Combine(temporary, string.Create(CultureInfo.InvariantCulture, $"wasmrun-{Libc.GetEffectiveUserId()}"));
    }

    private static string Place(IReadOnlyDictionary<string, string> environment, string own, string xdg, string fallback) =>
        Value(environment, own) is { } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(AbsoluteValue(environment, xdg) ?? fallback, "wasmrun");

    /// <summary>The XDG specification wants relative values ignored.</summary>
    private static string? AbsoluteValue(IReadOnlyDictionary<string, string> environment, string name) =>
        Value(environment, name) is { } value && Path.IsPathFullyQualified(value) ? value : null;

    private static string? Value(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
