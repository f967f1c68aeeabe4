namespace Wasmrun.Control.Folders;

/// <summary>
/// Makes one process the runner of a project. The kernel lets go of the lock when the process ends, however it ends, so a
/// free lock proves that no runner is left.
/// </summary>
public sealed class ProjectLock : IDisposable
{
    private readonly FileStream _file;

    private ProjectLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or gives null when another process holds it.</summary>
    public static ProjectLock? TryTake(ProjectFolder folder)
    {
        folder.EnsureRoot();
        try
        {
            return new ProjectLock(new FileStream(folder.LockPath, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                BufferSize = 0,
            }));
        }
        catch (IOException error) when (error.HResult is WouldBlockOnLinux or WouldBlockElsewhere)
        {
            return null;
        }
    }

    /// <summary>Whether a process holds the lock now. Looking never creates the lock or its folder.</summary>
    public static bool IsHeld(ProjectFolder folder)
    {
        if (!File.Exists(folder.LockPath))
        {
            return false;
        }

        using var taken = TryTake(folder);
        return taken is null;
    }

    public void Dispose() => _file.Dispose();

    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockElsewhere = 35;
}
