using Wasmrun.Cli.SingleModule;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Settings;
using Wasmrun.Manifest.Specs;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.SingleModule;

public sealed class OsTests : IDisposable
{
    private static readonly SourceLocation s_file = new(".wasmrun.toml", 1, 1);
    private static readonly OsArguments s_plain = new("server.wat", Language: null, Entrypoint: null, [], [], [], [], "no", Verbose: false, Watch: false, []);
    private readonly TemporaryProject _project = new();
    private readonly string _module;

    public OsTests()
    {
        _module = Path.Combine(_project.Root, "Server 1.wat");
        File.WriteAllText(_module, "(module)");
    }

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData("", "a.wasm", "a.wasm")]
    [InlineData("a.wasm", "a.wasm b.wat", "a.wasm")]
    [InlineData("", "app.wasm other.wasm readme.txt", "app.wasm")]
    [InlineData("", "App.wat other.wasm", "App.wat")]
    public void Module_IsTheFileOrTheOneInTheFolder(string path, string files, string found)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_project.Root, "app")).FullName;
        foreach (var file in files.Split(' '))
        {
            File.WriteAllText(Path.Combine(folder, file), string.Empty);
        }

        Assert.Equal(Path.Combine(folder, found), ModuleFinder.Find(Path.Combine("app", path), _project.Root).Module);
    }

    [Theory]
    [InlineData("missing", "", "neither a file nor a folder 'missing'")]
    [InlineData("app", "readme.txt", "no .wasm or .wat file")]
    [InlineData("app", "a.wasm b.wasm", "a.wasm, b.wasm; name one of them")]
    public void Rejects_PathWithoutOneModule(string path, string files, string complaint)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_project.Root, "app")).FullName;
        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            File.WriteAllText(Path.Combine(folder, file), string.Empty);
        }

        var (module, why) = ModuleFinder.Find(path, _project.Root);
        Assert.Null(module);
        Assert.Contains(complaint, why, StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_BecomeAServiceNamedLikeTheModule()
    {
        Directory.CreateDirectory(Path.Combine(_project.Root, "data"));
        var stack = Load(s_plain with
        {
            Forwards = ["8080:3000"],
            Environment = ["A=$HOME \"x\"\n", "FROM_SHELL"],
            Volumes = ["./data:/data:ro", "cache:/cache"],
            Egress = ["example.com:443"],
            Restart = "on-failure:3",
            Arguments = ["--flag", "$1", "ü"],
        });
        var service = Assert.Single(stack.Services);
        Assert.Equal("server-1", service.Name);
        Assert.StartsWith("server-1-", stack.Name, StringComparison.Ordinal);
        Assert.Equal(_module, service.Module);
        Assert.Equal(8080, Assert.Single(service.Forwards).HostPort);
        Assert.Equal("$HOME \"x\"\n", service.Environment["A"]);
        Assert.Equal("shell", service.Environment["FROM_SHELL"]);
        Assert.Equal(["--flag", "$1", "ü"], service.Command);
        Assert.Equal(3, service.Restart.MaxAttempts);
        Assert.Equal(new MountSpec.Bind(Path.Combine(_project.Root, "data"), "/data", ReadOnly: true, service.Mounts[0].Location), service.Mounts[0]);
        Assert.Equal("cache", Assert.IsType<MountSpec.Named>(service.Mounts[1]).Volume);
        Assert.Equal("cache", Assert.Single(stack.Volumes).Name);
        Assert.Equal("example.com", Assert.Single(service.Egress).Host);
    }

    [Fact]
    public void Rejects_BadFlagsByTheirNames()
    {
        var arguments = s_plain with { Forwards = ["8080:3000", "99999:1"], Egress = ["http://x"], Volumes = ["zz"], Restart = "often" };
        var result = OsManifest.Load(arguments, settings: null, _module, _project.Root, Variables());
        Assert.Null(result.Stack);
        Assert.Equal(
            ["--restart often", "--forward 99999:1", "--volume zz", "--egress http://x"],
            result.Diagnostics.Select(found => found.Location.ToString()));
    }

    [Fact]
    public void Names_TheFlagThatAnotherCollidesWith()
    {
        var arguments = s_plain with { Forwards = ["8080:3000", "8080:3001"] };
        var found = Assert.Single(OsManifest.Load(arguments, settings: null, _module, _project.Root, Variables()).Diagnostics);
        Assert.StartsWith("--forward 8080:3001: error WR1307: ", found.ToString(), StringComparison.Ordinal);
        Assert.Contains("already takes (--forward 8080:3000);", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_TheSameFlagGivenTwice()
    {
        var arguments = s_plain with { Forwards = ["8080:3000", "8080:3000"] };
        var found = Assert.Single(OsManifest.Load(arguments, settings: null, _module, _project.Root, Variables()).Diagnostics);
        Assert.Contains("already takes (--forward 8080:3000); choose another", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_NoValueOfAVariable_AndNothingThatMovesTheCursor()
    {
        var result = OsManifest.Load(s_plain with { Environment = ["=secret"], Egress = ["a\nb"] }, settings: null, _module, _project.Root, Variables());
        Assert.DoesNotContain("secret", string.Concat(result.Diagnostics), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', string.Concat(result.Diagnostics));
        Assert.Equal(["--env", "--egress a\uFFFDb"], result.Diagnostics.Select(found => found.Location.ToString()));
    }

    [Fact]
    public void WhatTheFileSays_IsCalledByTheFile()
    {
        var settings = new OsSettings(Path.Combine(_project.Root, "app", ".wasmrun.toml")) { Language = "ruby" };
        var found = Assert.Single(OsManifest.Load(s_plain, settings, _project.Root, _project.Root, Variables()).Diagnostics);
        Assert.Equal("app/.wasmrun.toml", found.Location.ToString());
        var flag = Assert.Single(OsManifest.Load(s_plain with { Language = "cobol" }, settings, _project.Root, _project.Root, Variables()).Diagnostics);
        Assert.Equal("--language cobol", flag.Location.ToString());
    }

    [Fact]
    public void EveryPlaceOfTheStack_IsThatOfAFlag()
    {
        Directory.CreateDirectory(Path.Combine(_project.Root, "data"));
        var stack = Load(s_plain with { Path = "./server.wat", Forwards = ["8080:3000"], Volumes = ["./data:/data"], Egress = ["example.com"] });
        var service = Assert.Single(stack.Services);
        Assert.Equal(
            ["./server.wat", "--forward 8080:3000", "--volume ./data:/data", "--egress example.com"],
            new[] { service.Location, service.Forwards[0].Location, service.Mounts[0].Location, service.Egress[0].Location }.Select(place => place.ToString()));
    }

    [Fact]
    public void EnvFileBesideTheModule_IsNotRead()
    {
        File.WriteAllText(Path.Combine(_project.Root, ".env"), "this is = not: fine '");
        Load(s_plain);
    }

    [Fact]
    public void FlagsWinOverTheFile_PortByPort()
    {
        var settings = new OsSettings(".wasmrun.toml")
        {
            Command = ["from", "file"],
            Forwards = [Forward(9000, 3000), Forward(9001, 4000)],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "file", ["B"] = "file" },
            Egress = [new EgressSpec("file.example", null, s_file)],
        };
        var flags = Load(s_plain with { Forwards = ["8080:3000"], Environment = ["A=flag"], Egress = ["flag.example"] });
        var service = Assert.Single(OsStack.Combine(flags, settings, watch: false).Services);
        Assert.Equal([(8080, 3000), (9001, 4000)], service.Forwards.Select(forward => (forward.HostPort!.Value, forward.GuestPort)));
        Assert.Equal("flag", service.Environment["A"]);
        Assert.Equal("file", service.Environment["B"]);
        Assert.Equal(["from", "file"], service.Command);
        Assert.Equal(["flag.example", "file.example"], service.Egress.Select(egress => egress.Host));

        // PORT is told for a single forward only, and one of the flags alone is no longer single.
        Assert.DoesNotContain("PORT", service.Environment);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, null, false)]
    public void Watching_IsAskedForByTheFlagOrTheFile(bool flag, bool? file, bool expected)
    {
        var settings = new OsSettings(".wasmrun.toml") { WatchEnabled = file, WatchIgnore = ["data/"] };
        var watch = OsStack.Combine(Load(s_plain), settings, flag).Services[0].Watch;
        Assert.Equal(expected, watch.Count == 1);
        Assert.All(watch, watched => Assert.Equal(["data/"], watched.Ignore));
    }

    [Fact]
    public void Watching_OfAProjectIsThatOfItsFolder()
    {
        var plain = Load(s_plain);
        var project = plain with { Services = [plain.Services[0] with { Module = null, Project = _project.Root }] };

        var watch = OsStack.Combine(project, new OsSettings(".wasmrun.toml"), watch: true).Services[0].Watch;

        Assert.Equal(_project.Root, Assert.Single(watch).Path);
    }

    [Theory]
    [InlineData(".wasmrun.toml", true)]
    [InlineData(null, false)]
    public void Project_MayOnlyBeRead_WhereItHoldsTheSettings(string? file, bool isReadOnly) =>
        Assert.Equal(isReadOnly, OsStack.Combine(Load(s_plain), new OsSettings(file), watch: false).Services[0].IsProjectReadOnly);

    [Fact]
    public void SingleForwardOfTheFile_TellsTheGuestItsPort()
    {
        var settings = new OsSettings(".wasmrun.toml") { Forwards = [Forward(9000, 3000)] };
        Assert.Equal("3000", OsStack.Combine(Load(s_plain), settings, watch: false).Services[0].Environment["PORT"]);
        var given = Load(s_plain with { Environment = ["PORT=1"] });
        Assert.Equal("1", OsStack.Combine(given, settings, watch: false).Services[0].Environment["PORT"]);
    }

    private static ForwardSpec Forward(int host, int guest) => new([System.Net.IPAddress.Loopback], host, guest, TransportProtocol.Tcp, s_file);

    private static Dictionary<string, string> Variables() => new(StringComparer.Ordinal) { ["FROM_SHELL"] = "shell" };

    private StackSpec Load(OsArguments arguments)
    {
        var result = OsManifest.Load(arguments, settings: null, _module, _project.Root, Variables());
        Assert.Empty(result.Diagnostics);
        return result.Stack!;
    }
}
