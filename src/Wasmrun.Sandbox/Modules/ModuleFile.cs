using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// Reads a module's file once and whole, so that what is hashed, compiled and kept are the same bytes even while a build
/// writes the file anew.
/// </summary>
internal static class ModuleFile
{
    /// <summary>The bytes of the file.</summary>
    /// <exception cref="ModuleProblemException">There is no such file, or it cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken token)
    {
        if (Directory.Exists(path))
        {
            throw Problem("is a folder; name the .wasm or .wat file in it");
        }

        try
        {
            using var file = RegularFile.Open(path);
            return file is not null ? await ReadAsync(file, token) : throw Problem("is no regular file, but a pipe, socket or device; write the module to a file, and name that");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Problem(Missing(path), e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Problem("may not be read by this user; check the permissions of the file and of the folders above it", e);
        }
        catch (IOException e)
        {
            throw Problem($"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The bytes of a file whose content is known.</summary>
    /// <exception cref="ModuleProblemException">It is not there, cannot be read, or holds something else.</exception>
    public static async Task<byte[]> ReadKnownAsync(string path, byte[] hash)
    {
        var bytes = await ReadAsync(path, CancellationToken.None);
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(hash)
            ? bytes
            : throw Problem("is damaged: it does not hold what was written there; remove it, and it is made again");
    }

    private static async Task<byte[]> ReadAsync(SafeFileHandle file, CancellationToken token)
    {
        var size = RandomAccess.GetLength(file);
        var bytes = size <= Array.MaxLength ? new byte[size] : throw new IOException("the file is larger than 2 GiB");
        var length = 0;
        for (int count; length < bytes.Length && (count = await RandomAccess.ReadAsync(file, bytes.AsMemory(length), length, token)) > 0;)
        {
            length += count;
        }

        return length == bytes.Length ? bytes : bytes[..length];
    }

    private static string Missing(string path)
    {
        var folder = Path.GetDirectoryName(path) ?? string.Empty;
        if (!Directory.Exists(folder))
        {
            return $"does not exist, and neither does the folder '{folder}'";
        }

        var others = Directory.EnumerateFiles(folder)
            .Select(Path.GetFileName)
            .Where(name => Path.GetExtension(name) is ".wasm" or ".wat")
            .Order(StringComparer.Ordinal)
            .Take(5)
            .ToArray();
        return others.Length == 0
            ? "does not exist; was it built?"
            : $"does not exist; its folder has {string.Join(", ", others)}";
    }

    private static ModuleProblemException Problem(string text, Exception? cause = null) => new(new(text), cause);
}
