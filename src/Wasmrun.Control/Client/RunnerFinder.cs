using System.Net.Sockets;
using Wasmrun.Control.Api;
using Wasmrun.Control.Folders;

namespace Wasmrun.Control.Client;

/// <summary>
/// Finds the runner of a project from another process. Told apart are: it answers; there is none (what a killed one left is
/// cleaned up); and it is just starting or ending, which is waited for.
/// </summary>
public sealed class RunnerFinder(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The runner, or null when there is none.</summary>
    /// <exception cref="UntrustedFolderException">Another user controls the folder where the runner's socket would be.</exception>
    /// <exception cref="RunnerSilentException">A process holds the project's lock and does not answer.</exception>
    public async Task<FoundRunner?> FindAsync(ProjectFolder folder, CancellationToken token)
    {
        var started = time.GetTimestamp();
        while (folder.Exists())
        {
            if (await TryConnectAsync(folder, token) is { } found)
            {
                return found;
            }

            if (TryCleanUp(folder))
            {
                return null;
            }

            if (time.GetElapsedTime(started) > Patience)
            {
                throw new RunnerSilentException(folder);
            }

            await Task.Delay(Pause, time, token);
        }

        return null;
    }

    /// <summary>One try: the runner if it answers at this moment, otherwise null, whatever the reason.</summary>
    public static async Task<FoundRunner?> TryConnectAsync(ProjectFolder folder, CancellationToken token)
    {
        var client = new ControlClient(folder);
        try
        {
            return new FoundRunner(client, await client.GetProjectAsync(token));
        }
        catch (HttpRequestException error) when (IsNobodyThere(error))
        {
            client.Dispose();
            return null;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Waits until no process is the project's runner any more.</summary>
    /// <returns>False when <paramref name="timeout"/> was over first.</returns>
    public async Task<bool> WaitUntilGoneAsync(ProjectFolder folder, int pid, TimeSpan timeout, CancellationToken token)
    {
        var started = time.GetTimestamp();
        while (ProjectLock.IsHeld(folder) || RunnerProcess.IsAlive(pid))
        {
            if (time.GetElapsedTime(started) > timeout)
            {
                return false;
            }

            await Task.Delay(Pause, time, token);
        }

        return true;
    }

    /// <summary>A connection that the end of the runner cut off in the middle counts as well: the next try tells.</summary>
    private static bool IsNobodyThere(HttpRequestException error) =>
        error.InnerException is SocketException or IOException || error.HttpRequestError == HttpRequestError.ResponseEnded;

    private static bool TryCleanUp(ProjectFolder folder)
    {
        using var taken = ProjectLock.TryTake(folder);
        if (taken is null)
        {
            return false;
        }

        folder.RemoveRuntime();
        return true;
    }
}

/// <summary>A runner that answered, and what it said it is.</summary>
public sealed record FoundRunner(ControlClient Client, ProjectInfo Project) : IDisposable
{
    public void Dispose() => Client.Dispose();
}
