using System.IO.Compression;

namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>
/// Unpacks an archive of npm. Its hash says that it is the right one, not that it is harmless: only plain files are made, only below the
/// target, and only so many. Links are left out, as npm does.
/// </summary>
internal static class ArchiveUnpacker
{
    private const long MaxBytes = 1L << 30;
    private const int MaxFiles = 100_000;

    /// <summary>Fills a folder with what an archive holds.</summary>
    /// <param name="archive">A tar archive, compressed by gzip.</param>
    /// <param name="target">An empty folder.</param>
    /// <exception cref="PackageFetchException">The archive is damaged or malicious.</exception>
    public static async Task UnpackAsync(string what, Stream archive, string target, CancellationToken token)
    {
        await using var unzipped = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
        var entry = new ArchiveReader(unzipped);
        var bytes = 0L;
        var files = 0;
        try
        {
            while (await entry.MoveNextAsync(token))
            {
                if (!entry.IsFile || WithoutFirst(entry.Name) is not { } name)
                {
                    continue;
                }

                bytes += entry.Length;
                if (bytes > MaxBytes || ++files > MaxFiles)
                {
                    throw new PackageFetchException($"the archive of {what} is refused: it holds more than {MaxBytes >> 20} MiB or {MaxFiles} files");
                }

                await WriteAsync(entry, PathOf(what, entry.Name, name, target), token);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new PackageFetchException($"the archive of {what} is damaged: {e.Message}", e);
        }
    }

    /// <summary>Bytes of all files in an archive that can be unpacked.</summary>
    public static async Task<long> MeasureAsync(Stream archive, CancellationToken token)
    {
        await using var unzipped = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
        var entry = new ArchiveReader(unzipped);
        var bytes = 0L;
        while (bytes <= MaxBytes && await entry.MoveNextAsync(token))
        {
            bytes += entry.IsFile ? entry.Length : 0;
        }

        return bytes;
    }

    /// <summary>The first folder of an archive is "package", or whatever its author called it. Null for what lies beside it.</summary>
    private static string? WithoutFirst(string name)
    {
        var slash = name.TrimStart('/').IndexOf('/', StringComparison.Ordinal);
        return name.StartsWith('/') ? name : slash < 0 || slash == name.Length - 1 ? null : name[(slash + 1)..];
    }

    private static string PathOf(string what, string entry, string name, string target)
    {
        var parts = name.Split('/');
        return name.StartsWith('/') || parts.Contains("..") || name.Contains('\0', StringComparison.Ordinal)
            || (OperatingSystem.IsWindows() && name.AsSpan().ContainsAny('\\', ':'))
            ? throw new PackageFetchException($"the archive of {what} is refused: its entry '{entry}' leads out of its folder")
            : Path.Combine([target, .. parts.Where(part => part is not ("" or "."))]);
    }

    private static async Task WriteAsync(ArchiveReader entry, string path, CancellationToken token)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var file = File.Create(path);
            await entry.CopyToAsync(file, token);
        }
        catch (UnauthorizedAccessException e)
        {
            // One entry stands where another one needs a folder.
            throw new InvalidDataException($"its entry '{entry.Name}' stands in the way of another", e);
        }
    }
}
