namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>Adds up the bytes of all files below a folder.</summary>
internal static class FolderSize
{
    private static readonly EnumerationOptions _everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    public static long Of(DirectoryInfo folder) => folder.EnumerateFiles("*", _everything).Sum(file => file.Length);
}
