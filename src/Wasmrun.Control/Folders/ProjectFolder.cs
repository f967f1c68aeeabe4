using System.Text;
using Wasmrun.Network.Local;

namespace Wasmrun.Control.Folders;

/// <summary>Where one project's runner is found and keeps its things; knows the names, creates the folders when asked.</summary>
public sealed class ProjectFolder(RunnerFolders folders, string project)
{
    public string Project { get; } = project;

    /// <summary>The sockets of the run; only the user can enter; gone when the run ends in order.</summary>
    public string Runtime { get; } = Path.Combine(folders.Runtime, project);

    /// <summary>What outlives the run: the runner's own log and what the reconciler remembers.</summary>
    public string State { get; } = Path.Combine(folders.State, project);

    public string SocketPath => Path.Combine(Runtime, "control.sock");

    /// <summary>Beside the folder, not in it, because it stays: a lock file that is removed can be held twice.</summary>
    public string LockPath => Path.Combine(folders.Runtime, Project + ".lock");

    /// <summary>What a detached runner prints.</summary>
    public string RunnerLogPath => Path.Combine(State, "runner.log");

    /// <summary>The runtime folder that holds all projects, created or verified.</summary>
    /// <exception cref="UntrustedFolderException">Another user controls it, or a socket's path would be too long for the system.</exception>
    public void EnsureRoot()
    {
        if (Encoding.UTF8.GetByteCount(SocketPath) > LocalSocket.MaxPathBytes)
        {
            throw new UntrustedFolderException(
                $"the path of the control socket, '{SocketPath}', is longer than the {LocalSocket.MaxPathBytes} bytes that the system allows; " +
                "set WASMRUN_RUNTIME_DIR to a shorter path, or choose a shorter project name");
        }

        PrivateFolder.Ensure(folders.Runtime);
    }

    /// <summary>Whether there is anything of this project to look at; if so, it has been verified that it is the user's own.</summary>
    /// <exception cref="UntrustedFolderException">It belongs to somebody else, who could answer in the runner's place.</exception>
    public bool Exists()
    {
        if (!Directory.Exists(folders.Runtime))
        {
            return false;
        }

        PrivateFolder.Verify(folders.Runtime);
        if (Directory.Exists(Runtime))
        {
            PrivateFolder.Verify(Runtime);
            return true;
        }

        return ProjectLock.IsHeld(this);
    }

    /// <summary>The folders of this project, created or verified.</summary>
    /// <exception cref="UntrustedFolderException">Another user controls one of them.</exception>
    public void Ensure()
    {
        EnsureRoot();
        PrivateFolder.EnsureClosed(Runtime);
        EnsureState();
    }

    /// <summary>The folder of what outlives the run, created for the user alone.</summary>
    /// <exception cref="UntrustedFolderException">Another user controls it.</exception>
    public void EnsureState() => PrivateFolder.EnsureClosed(State);

    /// <summary>Removes what a run left in the runtime folder; only for who holds the <see cref="ProjectLock"/>.</summary>
    public void RemoveRuntime()
    {
        if (Directory.Exists(Runtime))
        {
            Directory.Delete(Runtime, recursive: true);
        }
    }

    /// <summary>Removes what killed runs of other projects have left in the runtime folder, which has been verified.</summary>
    public void RemoveAbandoned()
    {
        foreach (var name in FindAll(folders))
        {
            var other = new ProjectFolder(folders, name);
            try
            {
                using var taken = ProjectLock.TryTake(other);
                if (taken is not null)
                {
                    other.RemoveRuntime();
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or UntrustedFolderException)
            {
                // Whoever uses that project will be told.
            }
        }
    }

    /// <summary>Names of the projects that have, or had, a runner in <paramref name="folders"/>, sorted.</summary>
    public static IReadOnlyList<string> FindAll(RunnerFolders folders) =>
        !Directory.Exists(folders.Runtime)
            ? []
            : [.. Directory.EnumerateDirectories(folders.Runtime).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
