using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Wasmrun.Runtimes.Packages;

/// <summary>
/// Packages of npm, unpacked on disk under their content's hash. What is fetched is checked before anything of it is used, and no
/// script of a package ever runs. Any number of processes may share the folder.
/// </summary>
/// <param name="folder">Made when the first package is kept.</param>
/// <param name="registry">Its address, with a slash at the end.</param>
internal sealed class PackageStore(string folder, Uri registry, HttpClient client)
{
    private const string Prefix = "sha512-";
    private const long MaxUnpackedBytes = 512L << 20;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Whether the package is here already.</summary>
    public bool Has(LockedPackage package) => Directory.Exists(Path.Combine(folder, Key(package)));

    /// <summary>The folder of a package, which is fetched if it is not there.</summary>
    /// <exception cref="PackageFetchException">It cannot be had, or is not what was expected.</exception>
    public async Task<string> GetAsync(LockedPackage package, CancellationToken token)
    {
        var place = Path.Combine(folder, Key(package));
        if (Directory.Exists(place))
        {
            return place;
        }

        var bytes = await FetchAsync(package, token);
        CreateFolder(folder);
        var partial = $"{place}.{Guid.NewGuid():N}";
        CreateFolder(partial);
        try
        {
            await UnpackAsync(package, bytes, partial, token);
            Directory.Move(partial, place);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Another process was faster, with the same bytes.
        }
        finally
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }

        return place;
    }

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Private);
        }
    }

    private static string Key(LockedPackage package) =>
        $"{package.Name.Replace('/', '+')}@{package.Version}-{Convert.ToHexStringLower(Hash(package))[..32]}";

    private static byte[] Hash(LockedPackage package) => package.Integrity.StartsWith(Prefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(package.Integrity[Prefix.Length..])
        : throw new PackageFetchException($"the package {package.Name} {package.Version} has no sha512 hash to be checked by");

    private Uri Address(LockedPackage package) =>
        new(registry, $"{package.Name}/-/{package.Name[(package.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}-{package.Version}.tgz");

    private async Task<byte[]> FetchAsync(LockedPackage package, CancellationToken token)
    {
        var address = Address(package);
        byte[] bytes;
        try
        {
            bytes = await client.GetByteArrayAsync(address, token);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !token.IsCancellationRequested)
        {
            throw new PackageFetchException($"cannot fetch {package.Name} {package.Version} from {address}: {e.Message}", e);
        }

        return CryptographicOperations.FixedTimeEquals(SHA512.HashData(bytes), Hash(package))
            ? bytes
            : throw new PackageFetchException($"{package.Name} {package.Version} from {address} is not what it should be: its hash differs");
    }

    private static async Task UnpackAsync(LockedPackage package, byte[] bytes, string target, CancellationToken token)
    {
        using var source = new MemoryStream(bytes);
        await using var unzipped = new GZipStream(source, CompressionMode.Decompress);
        await using var archive = new TarReader(unzipped);
        var total = 0L;
        while (await archive.GetNextEntryAsync(copyData: false, token) is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            {
                continue;
            }

            // The first folder of an archive is "package", or whatever its author called it.
            var name = entry.Name[(entry.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];
            var path = Path.GetFullPath(name, target);
            total += entry.Length;
            if (!path.StartsWith(target + "/", StringComparison.Ordinal) || total > MaxUnpackedBytes)
            {
                throw new PackageFetchException($"the archive of {package.Name} {package.Version} leads out of its folder or is too large");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var file = File.Create(path);
            if (entry.DataStream is { } data)
            {
                await data.CopyToAsync(file, token);
            }
        }
    }
}
