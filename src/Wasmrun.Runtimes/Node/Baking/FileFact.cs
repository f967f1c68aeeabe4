using System.Security.Cryptography;
using Wasmrun.Network.Kernel;
using Wasmrun.Sandbox;

namespace Wasmrun.Runtimes.Node.Baking;

/// <summary>What was found at a path of the guest when modules were loaded.</summary>
/// <param name="Error">What the system answered; 0 when something is there.</param>
/// <param name="Content">SHA-256 of what was read, in hexadecimal; null when it was only looked at.</param>
internal sealed record FileFact(int Error, int Kind, ulong Device, ulong Inode, ulong Size, ulong ModifyTime, ulong ChangeTime, string? Content)
{
    /// <summary>Looks at a path.</summary>
    public static FileFact Of(GuestFiles files, string path) => Of(files.Status(path, follow: true, out var status), status);

    /// <summary>What the system has answered.</summary>
    public static FileFact Of(Errno error, in GuestFileStatus status) =>
        error == Errno.None && status.Kind != GuestFileKind.Folder
            ? new(0, (int)status.Kind, status.Device, status.Inode, status.Size, status.ModifyTime, status.ChangeTime, null)
            : new((int)error, (int)status.Kind, 0, 0, 0, 0, 0, null);

    /// <summary>Hashes what is in a file, null when it cannot be read.</summary>
    public static string? HashOf(GuestFiles files, string path)
    {
        if (files.Open(path, GuestFileModes.Read, out var descriptor) != Errno.None)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[65536];
        var error = Errno.None;
        for (var count = 1; count > 0 && error == Errno.None;)
        {
            error = files.Read(descriptor, buffer, position: -1, out count);
            hash.AppendData(buffer, 0, count);
        }

        _ = files.Close(descriptor);
        return error == Errno.None ? Convert.ToHexStringLower(hash.GetHashAndReset()) : null;
    }

    /// <summary>Whether the path is still what it was: untouched, or with the same content as before.</summary>
    public bool IsTrue(GuestFiles files, string path)
    {
        var now = Of(files, path);
        return now == this with { Content = null } || (Content is not null && now.Error == 0 && now.Kind == Kind && HashOf(files, path) == Content);
    }
}
