namespace Wasmrun.Manifest.Parsing;

/// <summary>Absolute paths of the guest's file system, and which of them the runner keeps for itself.</summary>
internal static class GuestPath
{
    /// <summary>Where a guest finds its project.</summary>
    public const string Project = "/app";

    private static readonly string[] _reserved = ["/net", "/proc"];

    /// <summary>
    /// The path without doubled or trailing slashes and without <c>.</c>; false when it is not absolute or climbs with <c>..</c>.
    /// </summary>
    public static bool TryNormalize(string text, out string path)
    {
        path = string.Empty;
        if (!text.StartsWith('/'))
        {
            return false;
        }

        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        if (parts.Contains(".."))
        {
            return false;
        }

        path = "/" + string.Join('/', parts);
        return true;
    }

    /// <summary>The runner's folder that a normalized path is or lies in, or null.</summary>
    public static string? ReservedFolder(string path) =>
        Array.Find(_reserved, folder => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal));
}
