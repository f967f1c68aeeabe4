using System.Collections.Concurrent;
using Wasmrun.Runtimes.Packages.Fetching;

namespace Wasmrun.Runtimes.Packages.Keeping;

/// <summary>
/// Packages of npm, unpacked on disk under their content's hash. What is fetched is checked before anything of it is used, and no
/// script of a package ever runs. Any number of processes may share the folder.
/// </summary>
/// <param name="folder">Made when the first package is kept; nobody else may look into it.</param>
internal sealed class PackageStore(string folder, RegistryClient registry, Action<FetchProgress> progress)
{
    /// <summary>The ending of what is not finished.</summary>
    public const string Unfinished = ".partial";

    private const int KeyDigits = 32;
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>The name of a package's folder in the store.</summary>
    public static string KeyOf(LockedPackage package)
    {
        var integrity = Integrity.Parse(package.Integrity)
            ?? throw new PackageFetchException($"the lock file names no hash for {package} that it could be checked by; pin it by sha512");
        return $"{package.Name.Replace('/', '+')}@{package.Version}-{integrity.Key[..KeyDigits]}";
    }

    /// <summary>The folder of a package, which is fetched if it is not there.</summary>
    /// <exception cref="PackageFetchException">It cannot be had, or is not what was expected.</exception>
    public async Task<string> GetAsync(LockedPackage package, CancellationToken token)
    {
        var place = Path.Combine(folder, KeyOf(package));
        if (Directory.Exists(place))
        {
            return place;
        }

        var turn = _turns.GetOrAdd(place, static _ => new(1, 1));
        await turn.WaitAsync(token);
        try
        {
            if (!Directory.Exists(place))
            {
                await FetchAsync(package, place, token);
            }

            return place;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task FetchAsync(LockedPackage package, string place, CancellationToken token)
    {
        var unpacked = $"{place}.{Guid.NewGuid():N}{Unfinished}";
        var needed = (long?)null;
        try
        {
            PrivateFolder.Make(folder);
            var archive = new FileStream(
                $"{unpacked}.tgz", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 4096, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            await using (archive)
            {
                await registry.DownloadAsync(
                    package,
                    archive,
                    step =>
                    {
                        needed = step.Total ?? step.Received;
                        progress(step);
                    },
                    token);
                try
                {
                    archive.Position = 0;
                    PrivateFolder.Make(unpacked);
                    await ArchiveUnpacker.UnpackAsync(package.ToString(), archive, unpacked, token);
                }
                catch (IOException e) when (DiskProblem.IsFull(e))
                {
                    archive.Position = 0;
                    needed = archive.Length + await ArchiveUnpacker.MeasureAsync(archive, token);
                    throw;
                }
            }

            Directory.Move(unpacked, place);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Another process was faster, with the same bytes.
        }
        catch (IOException e) when (DiskProblem.IsFull(e))
        {
            Remove(unpacked);
            throw DiskProblem.Full(package.ToString(), folder, needed, e);
        }
        finally
        {
            Remove(unpacked);
        }
    }

    private static void Remove(string unpacked)
    {
        if (Directory.Exists(unpacked))
        {
            Directory.Delete(unpacked, recursive: true);
        }
    }
}
