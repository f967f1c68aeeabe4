namespace Wasmrun.Control.Folders;

/// <summary>
/// A folder that only its owner may enter. In a place like <c>/tmp</c> anybody can plant a folder or a link of the expected name
/// before the runner comes, so what exists is verified and never trusted.
/// </summary>
internal static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Creates the folder with mode 0700, or verifies the one that is there and takes it from everybody else.</summary>
    /// <exception cref="UntrustedFolderException">As <see cref="Ensure"/>.</exception>
    internal static void EnsureClosed(string path)
    {
        Ensure(path);
        File.SetUnixFileMode(path, OwnerOnly);
    }

    /// <summary>Creates the folder with mode 0700, or verifies the one that is there.</summary>
    /// <exception cref="UntrustedFolderException">It is a link, another user owns it, or others may write to it.</exception>
    internal static void Ensure(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            Directory.CreateDirectory(parent, OwnerOnly);
        }

        // An existing folder is left as it is by this call, and a link to one as well: hence the look afterwards. In the way of
        // a file it fails with less than that look has to say.
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (IOException) when (File.Exists(path))
        {
            Verify(path);
            throw;
        }

        Verify(path);
    }

    /// <summary>Whether the folder exists, is no link, and belongs to the user who runs this process.</summary>
    internal static bool IsOwned(string path) =>
        Libc.TryStat(path, out var status) && status.IsDirectory && status.UserId == Libc.GetEffectiveUserId();

    /// <summary>Throws unless <see cref="Ensure"/> would be content with what is there.</summary>
    internal static void Verify(string path)
    {
        if (!Libc.TryStat(path, out var status))
        {
            throw new UntrustedFolderException($"cannot look at the folder '{path}'; set WASMRUN_RUNTIME_DIR to one that you own");
        }

        if (!status.IsDirectory)
        {
            throw new UntrustedFolderException(
                $"'{path}' is {(status.IsLink ? "a symbolic link" : "not a folder")}, so somebody else may control what is in it; " +
                "remove it, or set WASMRUN_RUNTIME_DIR to a folder that you own");
        }

        if (status.UserId != Libc.GetEffectiveUserId())
        {
            throw new UntrustedFolderException(
                $"the folder '{path}' belongs to another user (uid {status.UserId}); set WASMRUN_RUNTIME_DIR to a folder that you own");
        }

        if ((status.Mode & WritableByOthers) != UnixFileMode.None)
        {
            throw new UntrustedFolderException(
                $"others may write to the folder '{path}'; run 'chmod 700 {path}', or set WASMRUN_RUNTIME_DIR to another folder");
        }
    }
}
