using Wasmrun.Control.Folders;

namespace Wasmrun.Tests.Control.Fakes;

/// <summary>Folders for one project under a path short enough for sockets; gone after the test.</summary>
internal sealed class TemporaryProject : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("wr-").FullName;

    internal TemporaryProject(string name = "shop")
    {
        Folders = new RunnerFolders(Path.Combine(_root, "r"), Path.Combine(_root, "s"), Path.Combine(_root, "c"));
        Folder = new ProjectFolder(Folders, name);
    }

    internal RunnerFolders Folders { get; }

    internal ProjectFolder Folder { get; }

    /// <summary>For files of the test's own.</summary>
    internal string Root => _root;

    internal Dictionary<string, string> Variables => new(StringComparer.Ordinal)
    {
        ["WASMRUN_RUNTIME_DIR"] = Folders.Runtime,
        ["WASMRUN_STATE_DIR"] = Folders.State,
        ["WASMRUN_CACHE_DIR"] = Folders.Cache,
        ["HOME"] = _root,
    };

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
