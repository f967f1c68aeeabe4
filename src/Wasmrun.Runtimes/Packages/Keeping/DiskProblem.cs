namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>What to say when the disk is full.</summary>
internal static class DiskProblem
{
    private const int NoSpace = 28;
    private const int QuotaOnLinux = 122;
    private const int QuotaElsewhere = 69;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    public static bool IsFull(IOException error) => error.HResult is NoSpace or QuotaOnLinux or QuotaElsewhere or DiskFullOnWindows;

    public static PackageFetchException Full(string what, string folder, IOException error) => new(
        $"there is no space left for {what} in '{folder}'; make some, 'wasmrun runtime prune' may help, or set WASMRUN_CACHE_DIR to a folder on another disk", error);
}
