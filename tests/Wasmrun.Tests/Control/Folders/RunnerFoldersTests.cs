using Wasmrun.Control.Folders;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Control.Folders;

public sealed class RunnerFoldersTests : IDisposable
{
    private readonly TemporaryProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void OwnVariables_WinOverEverything()
    {
        var folders = RunnerFolders.FromEnvironment(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WASMRUN_RUNTIME_DIR"] = "/a",
            ["WASMRUN_STATE_DIR"] = "/b",
            ["WASMRUN_CACHE_DIR"] = "/c",
            ["XDG_RUNTIME_DIR"] = _project.Root,
            ["XDG_STATE_HOME"] = "/x",
            ["XDG_CACHE_HOME"] = "/y",
        });
        Assert.Equal(new RunnerFolders("/a", "/b", "/c"), folders);
    }

    [Fact]
    public void XdgFolders_AreUsedWhereTheyBelongToTheUser()
    {
        var folders = RunnerFolders.FromEnvironment(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["XDG_RUNTIME_DIR"] = _project.Root,
            ["XDG_STATE_HOME"] = "/x",
            ["XDG_CACHE_HOME"] = "/y",
        });
        Assert.Equal(new RunnerFolders(Path.Combine(_project.Root, "wasmrun"), "/x/wasmrun", "/y/wasmrun"), folders);
    }

    [Fact]
    public void RuntimeFolder_IsNamedAfterTheUserInTheTemporaryFolder_WhenXdgHasNone()
    {
        var folders = RunnerFolders.FromEnvironment(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["XDG_RUNTIME_DIR"] = Path.Combine(_project.Root, "missing"),
            ["TMPDIR"] = "/tmp/elsewhere",
            ["HOME"] = "/home/ann",
        });
        Assert.Equal($"/tmp/elsewhere/wasmrun-{Libc.GetEffectiveUserId()}", folders.Runtime);
        Assert.Equal("/home/ann/.local/state/wasmrun", folders.State);
        Assert.Equal("/home/ann/.cache/wasmrun", folders.Cache);
    }

    [Fact]
    public void RelativeXdgValues_AreIgnored()
    {
        var folders = RunnerFolders.FromEnvironment(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["XDG_STATE_HOME"] = "relative",
            ["TMPDIR"] = "also/relative",
            ["HOME"] = "/home/ann",
        });
        Assert.Equal("/home/ann/.local/state/wasmrun", folders.State);
        Assert.StartsWith("/tmp/", folders.Runtime, StringComparison.Ordinal);
    }
}
