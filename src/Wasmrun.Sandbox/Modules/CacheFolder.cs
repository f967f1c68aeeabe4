using System.Security.Cryptography;

namespace Wasmrun.Sandbox.Modules;

/// <summary>
/// The folder with compiled code and the secret that seals it. Both are made for the user alone, and neither is used when
/// others own it or could have written to it.
/// </summary>
internal sealed class CacheFolder
{
    private const string SecretName = "seal";
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private CacheFolder(string path, CodeSeal seal)
    {
        Path = path;
        Seal = seal;
    }

    public string Path { get; }

    public CodeSeal Seal { get; }

    /// <summary>Opens the folder, which is made where it is missing.</summary>
    /// <exception cref="IOException">It cannot be used; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made or read.</exception>
    public static CacheFolder Open(string path)
    {
        MakeFolder(path);
        if (FileOwner.FolderProblem(path) is { } problem)
        {
            throw new IOException($"the folder {problem}, and compiled code is native code");
        }

        return new(path, new CodeSeal(ReadSecret(path) ?? MakeSecret(path)));
    }

    /// <summary>Writes a file so that it appears whole or not at all, and others never see it.</summary>
    /// <param name="replace">False leaves a file that is already there, written by another runner meanwhile.</param>
    public void Write(string name, ReadOnlySpan<byte> bytes, bool replace) => Write(Path, name, bytes, replace);

    private static void Write(string folder, string name, ReadOnlySpan<byte> bytes, bool replace)
    {
        var temporary = System.IO.Path.Combine(folder, $"{Guid.NewGuid():N}{CacheTrim.TemporaryEnding}");
        try
        {
            var options = new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = bytes.Length };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = FileMode;
            }

            using (var file = new FileStream(temporary, options))
            {
                file.Write(bytes);
            }

            File.Move(temporary, System.IO.Path.Combine(folder, name), replace);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            // The folder of all caches is the user's own, too.
            if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } caches)
            {
                Directory.CreateDirectory(caches, FolderMode);
            }

            Directory.CreateDirectory(path, FolderMode);
        }
    }

    private static byte[]? ReadSecret(string folder)
    {
        try
        {
            using var file = RegularFile.Open(System.IO.Path.Combine(folder, SecretName));
            if (file is not null && FileOwner.SecretProblem(file) is { } problem)
            {
                throw new IOException($"its file '{SecretName}' {problem}");
            }

            var secret = new byte[CodeSeal.SecretBytes];
            if (file is not null && RandomAccess.GetLength(file) == secret.Length && RandomAccess.Read(file, secret, 0) == secret.Length)
            {
                return secret;
            }

            // Only what is no secret may be deleted: what was missing a moment ago may be another runner's by now.
            File.Delete(System.IO.Path.Combine(folder, SecretName));
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static byte[] MakeSecret(string folder)
    {
        try
        {
            Write(folder, SecretName, RandomNumberGenerator.GetBytes(CodeSeal.SecretBytes), replace: false);
        }
        catch (IOException) when (File.Exists(System.IO.Path.Combine(folder, SecretName)))
        {
            // Another runner was faster, and its secret is as good.
        }

        return ReadSecret(folder) ?? throw new IOException($"its file '{SecretName}' cannot be kept");
    }
}
