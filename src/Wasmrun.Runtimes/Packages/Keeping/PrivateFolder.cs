namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>Folders that only the user can look into: nobody else shall put code where it would be run.</summary>
internal static class PrivateFolder
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder, and closes it to others if it is there and open to them.</summary>
    /// <exception cref="PackageFetchException">It belongs to somebody else.</exception>
    public static string Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return path;
        }

        // The folder of all caches is the user's own, too.
        if (Path.GetDirectoryName(path) is { Length: > 0 } caches)
        {
            Directory.CreateDirectory(caches, Own);
        }

        var folder = Directory.CreateDirectory(path, Own);
        if (folder.UnixFileMode != Own)
        {
            try
            {
                folder.UnixFileMode = Own;
            }
            catch (UnauthorizedAccessException e)
            {
                throw new PackageFetchException($"the folder '{path}' belongs to somebody else; remove it, or set WASMRUN_CACHE_DIR to a folder of your own", e);
            }
        }

        return path;
    }
}
