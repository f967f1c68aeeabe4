namespace Wasmrun.Runtimes.Node.Installing;

/// <summary>The machine that guests see, <c>process.platform</c> and <c>process.arch</c>: whether a package is made for it.</summary>
internal static class GuestPlatform
{
    public const string System = "linux";
    public const string Processor = "wasm32";

    /// <summary>Null when the package can be used, else what it is for.</summary>
    public static string? Problem(LockEntry entry) =>
        !Matches(entry.Systems, System) ? $"os {string.Join(", ", entry.Systems)}"
        : !Matches(entry.Processors, Processor) ? $"cpu {string.Join(", ", entry.Processors)}"
        : entry.Libraries.Count > 0 && !Matches(entry.Libraries, string.Empty) ? $"libc {string.Join(", ", entry.Libraries)}"
        : null;

    private static bool Matches(IReadOnlyList<string> names, string own)
    {
        var wanted = names.Where(name => !name.StartsWith('!')).ToList();
        return !names.Contains($"!{own}") && (wanted.Count == 0 || wanted.Contains(own) || wanted.Contains("any"));
    }
}
