using Wasmrun.Manifest.Settings;

namespace Wasmrun.Tests.Manifest;

/// <summary>What is read from the settings file of <c>wasmrun os</c>.</summary>
public sealed class OsSettingsTests
{
    [Fact]
    public void Reads_EverySection()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write(
            ".wasmrun.toml",
            """
            [project]
            language = "nodejs"
            entrypoint = "server.js"
            command = ["--name", "my shop"]
            [network]
            forwards = ["8080:3000", "auto:53/udp"]
            egress = ["api.example.com:443"]
            [environment]
            LOG = "debug"
            SIZE = 10
            [watch]
            enabled = false
            ignore = ["node_modules/"]
            """);
        var settings = Load(folder);
        Assert.Equal((file, "nodejs", "server.js", false), (settings.File, settings.Language, settings.Entrypoint, settings.WatchEnabled));
        Assert.Equal(["--name", "my shop"], settings.Command);
        Assert.Equal([(8080, 3000), (null, 53)], settings.Forwards.Select(forward => (forward.HostPort, forward.GuestPort)));
        Assert.Equal("api.example.com", Assert.Single(settings.Egress).Host);
        Assert.Equal(("debug", "10"), (settings.Environment["LOG"], settings.Environment["SIZE"]));
        Assert.Equal(["node_modules/"], settings.WatchIgnore);
        Assert.Equal(
            (".wasmrun.toml", 6, 13),
            (settings.Forwards[0].Location.File, settings.Forwards[0].Location.Line, settings.Forwards[0].Location.Column));
    }

    [Fact]
    public void Reads_DottedAndInlineNotation()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "wasmrun.toml", "project = { language = \"python\" }\nos.network.forwards = [\"8080:3000\"]\nenvironment.\"A B\" = 'c'\n");
        var settings = Load(folder);
        Assert.Equal("python", settings.Language);
        Assert.Equal(8080, Assert.Single(settings.Forwards).HostPort);
        Assert.Equal("c", settings.Environment["A B"]);
        Assert.Null(settings.WatchEnabled);
    }

    [Fact]
    public void Prefers_TheHiddenFile()
    {
        using var folder = new TemporaryFolder();
        folder.Write("wasmrun.toml", "[project]\nlanguage = \"python\"");
        folder.Write(".wasmrun.toml", "[project]\nlanguage = \"nodejs\"");
        Assert.Equal("nodejs", Load(folder).Language);
    }

    [Fact]
    public void NoFile_MeansEmptySettings()
    {
        using var folder = new TemporaryFolder();
        var settings = Load(folder);
        Assert.Null(settings.File);
        Assert.Empty(settings.Forwards);
    }

    private static OsSettings Load(TemporaryFolder folder) =>
        Assert.IsType<OsSettings>(OsSettingsLoader.Load(folder.Path, folder.Path).Settings);
}
