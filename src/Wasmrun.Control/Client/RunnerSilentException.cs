using Wasmrun.Control.Folders;

namespace Wasmrun.Control.Client;

/// <summary>A process is the project's runner, going by its lock, but nobody answers on its socket.</summary>
public sealed class RunnerSilentException(ProjectFolder folder) : Exception(
    $"the runner of '{folder.Project}' holds {folder.LockPath} but does not answer on {folder.SocketPath}; its log is {folder.RunnerLogPath}");
