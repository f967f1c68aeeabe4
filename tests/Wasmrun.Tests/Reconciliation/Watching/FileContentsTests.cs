using Wasmrun.Manifest.Specs;
using Wasmrun.Reconciliation.Watching;
using Wasmrun.Tests.Supervision.Fakes;

namespace Wasmrun.Tests.Reconciliation.Watching;

public sealed class FileContentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SameBytes_AreNoChange()
    {
        Write("a.js", "one");
        var before = Look();
        Write("a.js", "one");
        File.SetLastWriteTimeUtc(_folder.At("a.js"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Empty(Differences(before));
    }

    [Fact]
    public void AddedChangedAndRemovedFiles_AreChanges()
    {
        Write("a.js", "one");
        Write("b.js", "one");
        var before = Look();
        Write("a.js", "two");
        File.Delete(_folder.At("b.js"));
        Write("below/c.js", "one");
        Assert.Equal(["a.js", "b.js", "below/c.js"], Differences(before));
    }

    [Fact]
    public void FileThatIsRenamedOverAnother_IsAChangeOfThatOne()
    {
        Write("a.js", "one");
        var before = Look();
        Write(".a.js.new", "two");
        File.Move(_folder.At(".a.js.new"), _folder.At("a.js"), overwrite: true);
        Assert.Equal(["a.js"], Differences(before));
    }

    [Fact]
    public void RenamedFolder_IsAChangeOfAllThatIsInIt()
    {
        Write("old/a.js", "one");
        var before = Look();
        Directory.Move(_folder.At("old"), _folder.At("new"));
        Assert.Equal(["new/a.js", "old/a.js"], Differences(before));
    }

    [Fact]
    public void ChangeThatKeepsDateAndSize_IsFoundWhenTheSystemHintsAtIt()
    {
        Write("a.js", "one");
        var written = File.GetLastWriteTimeUtc(_folder.At("a.js"));
        var before = Look();
        Write("a.js", "two");
        File.SetLastWriteTimeUtc(_folder.At("a.js"), written);
        Assert.Equal(["a.js"], Names(Look(before, _folder.At("a.js")).DifferencesTo(before)));
    }

    [Theory]
    [InlineData(".git/index")]
    [InlineData("node_modules/x/index.js")]
    [InlineData("below/node_modules/x/index.js")]
    [InlineData("__pycache__/a.pyc")]
    [InlineData(".venv/bin/python")]
    [InlineData(".a.js.swp")]
    [InlineData("logs/debug.log")]
    [InlineData("instance/app.db-journal")]
    [InlineData("app.sqlite3")]
    public void WhatNoDeveloperMeans_DoesNotCount(string file)
    {
        var before = Look();
        Write(file, "one");
        Assert.Empty(Differences(before));
    }

    [Theory]
    [InlineData("dist/\n*.log\n", "dist/a.js", true)]
    [InlineData("dist/\n*.log\n", "below/debug.log", true)]
    [InlineData("dist/\n*.log\n", "a.js", false)]
    [InlineData("*.log\n!keep.log\n", "keep.log", false)]
    [InlineData("/out\n", "below/out", false)]
    [InlineData("/out\n", "out", true)]
    [InlineData("# comment\n\n", "a.js", false)]
    public void GitIgnore_IsRespected(string rules, string file, bool ignored)
    {
        Write(".gitignore", rules);
        var before = Look();
        Write(file, "one");
        Assert.Equal(ignored, Differences(before).Count == 0);
    }

    [Theory]
    [InlineData("out/\n", "below/out/a.js", true)]
    [InlineData("out/\n", "below/deep/out/a.js", true)]
    [InlineData("out/\n", "out/a.js", false)]
    [InlineData("/a.js\n", "below/a.js", true)]
    [InlineData("/a.js\n", "below/deep/a.js", false)]
    [InlineData("deep/a.js\n", "below/deep/a.js", true)]
    public void GitIgnoreBelow_IsAboutItsOwnFolder(string rules, string file, bool ignored)
    {
        Write("below/.gitignore", rules);
        var before = Look();
        Write(file, "one");
        Assert.Equal(ignored, Differences(before).Count == 0);
    }

    [Fact]
    public void GitIgnoreOfTheRepository_CountsForAFolderInIt()
    {
        Directory.CreateDirectory(_folder.At(".git"));
        Write(".gitignore", "*.log\n/web/dist/\n");
        Write("web/a.js", "one");
        var rule = new WatchRule(_folder.At("web"), WatchAction.Restart, [], []);
        var before = FileContents.Take(rule, null, null);
        Write("web/a.log", "one");
        Write("web/dist/a.js", "one");
        Assert.Empty(FileContents.Take(rule, before, null).DifferencesTo(before));
    }

    [Fact]
    public void FolderThatIsNamedExpressly_CountsAlthoughTheRepositoryIgnoresIt()
    {
        Directory.CreateDirectory(_folder.At(".git"));
        Write(".gitignore", "dist/\n");
        Write("dist/a.js", "one");
        var rule = new WatchRule(_folder.At("dist"), WatchAction.Restart, [], []);
        var before = FileContents.Take(rule, null, null);
        Write("dist/a.js", "two");
        Assert.Single(FileContents.Take(rule, before, null).DifferencesTo(before));
    }

    [Fact]
    public void IgnoreAndInclude_OfTheManifestDecideToo()
    {
        var rule = new WatchRule(_folder.Path, WatchAction.Restart, ["/data/"], ["*.js", "*.json"]);
        var before = FileContents.Take(rule, null, null);
        Write("a.js", "one");
        Write("a.css", "one");
        Write("data/a.json", "one");
        Write("below/a.json", "one");
        Assert.Equal(["a.js", "below/a.json"], Names(FileContents.Take(rule, before, null).DifferencesTo(before)));
    }

    [Fact]
    public void File_IsWatchedAlone_AlsoBeforeItExists()
    {
        var rule = WatchRule.File(_folder.At("web.wasm"));
        var before = FileContents.Take(rule, null, null);
        Write("other.wasm", "one");
        Assert.Empty(FileContents.Take(rule, before, null).DifferencesTo(before));
        Write("web.wasm", "one");
        Assert.Equal(["web.wasm"], Names(FileContents.Take(rule, before, null).DifferencesTo(before)));
    }

    private FileContents Look() => Look(null, null);

    private FileContents Look(FileContents? former, string? hint) => FileContents.Take(
        new WatchRule(_folder.Path, WatchAction.Restart, [], []), former, hint is null ? null : new HashSet<string>(StringComparer.Ordinal) { hint });

    private IReadOnlyList<string> Differences(FileContents before) => Names(Look(before, string.Empty).DifferencesTo(before));

    private IReadOnlyList<string> Names(IEnumerable<string> paths) => [.. paths.Select(path => Path.GetRelativePath(_folder.Path, path))];

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        File.WriteAllText(_folder.At(name), text);
    }
}
