using System.Net;
using Wasmrun.Cli.Rendering;
using Wasmrun.Cli.Terminal;
using Wasmrun.Control.Api;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Loading;
using Wasmrun.Manifest.Specs;
using Wasmrun.Reconciliation.Applying;
using Wasmrun.Tests.Cli.Fakes;
using Wasmrun.Tests.Control.Fakes;

namespace Wasmrun.Tests.Cli.Rendering;

public sealed class ReplyReporterTests : IDisposable
{
    private readonly TemporaryProject _project = new();
    private readonly MemoryOutput _error = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void TakenPorts_AreAllReportedWithPlaceHolderAndTheLineToWrite()
    {
        var manifest = Load("""
            services:
              web:
                module: ./web.wat
                forwards: ["8080:3000"]
              dns:
                module: ./web.wat
                forwards: ["127.0.0.1:53:5353/udp"]
            """);
        var web = manifest.Stack!.Services[0].Forwards[0];
        var dns = manifest.Stack.Services[1].Forwards[0];
        var code = Reporter().Report(
            new ApplyReply.PortsTaken(
            [
                Conflict("web", web, IPAddress.Loopback) with { HolderPid = 4711, HolderProgram = "nginx", FreeAlternative = 8081 },
                Conflict("web", web, IPAddress.IPv6Loopback) with { FreeAlternative = 8081 },
                Conflict("dns", dns, IPAddress.Loopback) with { HolderProgram = "a program of the user with uid 0" },
                Conflict("dns", dns, IPAddress.Loopback) with { Port = 54, IsAddressMissing = true },
            ]),
            manifest);

        Assert.Equal(19, code);
        Assert.Equal(
            [
                $"{web.Location}: error WR2001: service 'web' wants host port 8080, but 127.0.0.1:8080 and [::1]:8080 cannot be bound: address already in use; held by nginx (pid 4711)",
                "    port 8081 is free: write \"8081:3000\"",
                $"{dns.Location}: error WR2001: service 'dns' wants host port 53/udp, but 127.0.0.1:53 cannot be bound: address already in use; held by a program of the user with uid 0",
                "    let the runner choose: write \"127.0.0.1:auto:5353/udp\"",
                $"{dns.Location}: error WR2001: service 'dns' wants host port 54/udp, but 127.0.0.1:54 cannot be bound: address already in use",
                "    write an address of this machine, or leave it out for localhost",
                "error: nothing was started",
            ],
            _error.Lines);
    }

    [Fact]
    public void OnATerminal_ThePlaceIsShownWithACaret()
    {
        var manifest = Load("""
            services:
              web:
                module: ./web.wat
                forwards: ["8080:3000"]
            """);
        var terminal = new MemoryOutput(isTerminal: true);
        var forward = manifest.Stack!.Services[0].Forwards[0];
        Reporter(terminal).Report(new ApplyReply.PortsTaken([Conflict("web", forward, IPAddress.Loopback)]), manifest);
        Assert.Equal("    4 |     forwards: [\"8080:3000\"]", terminal.Lines[1]);
        Assert.Equal("      |                ^", terminal.Lines[2]);
    }

    public static TheoryData<ApplyReply, int, string> Others => new()
    {
        { new ApplyReply.Applied([], [], []), 0, "" },
        { new ApplyReply.Applied([], ["old"], []), 0, "" },
        { new ApplyReply.Applied([], [], [new ServiceFailure("web", "exited with code 3", 3, ["boom"])]), 1, "error: service 'web': exited with code 3\n    boom\n" },
        { new ApplyReply.ManifestInvalid([new Diagnostic("WR1203", DiagnosticSeverity.Error, new SourceLocation("a.yaml", 1, 2), "no")]), 2, "a.yaml(1,2): error WR1203: no\n" },
        { new ApplyReply.ModulesUnusable([new ModuleFailure("web", new SourceLocation("a.yaml", 3, 4), "/w.wasm", "broken")]), 1, "a.yaml(3,4): error WR3001: service 'web': broken\n" },
        { new ApplyReply.UnknownServices(["wbe"], ["db", "web"]), 1, "error: no such service: wbe; there are: db, web\n" },
        { new ApplyReply.Abandoned("the stack was taken down"), 1, "error: the stack was taken down\n" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void EveryOutcome_HasItsWordsAndItsExitCode(ApplyReply reply, int exitCode, string words)
    {
        Assert.Equal(exitCode, Reporter().Report(reply, manifest: null));
        Assert.Equal(words, _error.Text);
    }

    [Fact]
    public void Orphans_AreSaidWithTheirWayOut()
    {
        Reporter().ReportOrphans(new ApplyReply.Applied([], ["old"], []));
        Reporter().ReportOrphans(new ApplyReply.Applied([], [], []));
        Assert.Equal(["warning: still running, though the manifest no longer declares them: old; --remove-orphans removes them"], _error.Lines);
    }

    [Fact]
    public void ChangesToARunningStack_AreSaidWithTheirReasons()
    {
        Reporter().ReportChanges(new ApplyReply.Applied([new AppliedStep("restart web", "its environment changed")], [], []));
        Reporter().ReportChanges(new ApplyReply.Applied([], [], []));
        Assert.Equal(["restart web: its environment changed", "nothing changed"], _error.Lines);
    }

    private static PortConflict Conflict(string service, ForwardSpec forward, IPAddress address) =>
        new(service, forward.Location, address, forward.HostPort!.Value, forward.Protocol, "address already in use", null, null, null);

    private ReplyReporter Reporter(MemoryOutput? error = null) => new(new Screen(
        new MemoryOutput(), error ?? _error, AnsiMode.Never, new Dictionary<string, string>(StringComparer.Ordinal), TimeProvider.System));

    private ManifestResult Load(string text)
    {
        File.WriteAllText(Path.Combine(_project.Root, "web.wat"), "(module)");
        File.WriteAllText(Path.Combine(_project.Root, "wasmrun-compose.yaml"), text);
        return ManifestLoader.Load(new ManifestRequest(_project.Root, new Dictionary<string, string>(StringComparer.Ordinal)));
    }
}
