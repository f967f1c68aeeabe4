using System.Globalization;

namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>What to say when the disk is full.</summary>
internal static class DiskProblem
{
    private const int NoSpace = 28;
    private const int QuotaOnLinux = 122;
    private const int QuotaElsewhere = 69;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    public static bool IsFull(IOException error) => error.HResult is NoSpace or QuotaOnLinux or QuotaElsewhere or DiskFullOnWindows;

    /// <summary>Says that, how much is needed, and how to go on.</summary>
    /// <param name="what">What did not fit.</param>
    /// <param name="folder">Where it did not.</param>
    /// <param name="needed">Bytes that it takes there, or a part of them; null when nobody knows.</param>
    public static PackageFetchException Full(string what, string folder, long? needed, IOException error) => new(
        $"there is no space left for {what} in '{folder}'{Sizes(folder, needed)}; make some, 'wasmrun runtime prune' may help, or set WASMRUN_CACHE_DIR to a folder on another disk",
        error);

    private static string Sizes(string folder, long? needed) => needed is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $": it takes at least {bytes / 1e6:0.00} MB, and {Free(folder) / 1e6:0.00} MB are free")
        : string.Empty;

    private static long Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
