namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>A file or folder of the cache that is made once, by whichever process comes first: it is there as a whole, or not at all.</summary>
internal static class CacheEntry
{
    /// <summary>Makes an entry beside its place and moves it there.</summary>
    /// <param name="what">What it is, as users are told.</param>
    /// <param name="path">Its parent is made when missing.</param>
    /// <param name="bytes">How many it takes.</param>
    /// <param name="write">Makes the file or folder of the name that it is given.</param>
    /// <exception cref="PackageFetchException">The disk is full.</exception>
    public static void Make(string what, string path, long bytes, Action<string> write)
    {
        var folder = Path.GetDirectoryName(path)!;
        var partial = $"{path}.{Guid.NewGuid():N}{PackageStore.Unfinished}";
        try
        {
            Directory.CreateDirectory(folder);
            write(partial);
            Directory.Move(partial, path);
        }
        catch (IOException) when (Path.Exists(path))
        {
            // Another process was faster, with the same bytes.
        }
        catch (IOException e) when (DiskProblem.IsFull(e))
        {
            throw DiskProblem.Full(what, folder, bytes, e);
        }
        finally
        {
            Remove(partial);
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
