using System.Net;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Tests.Manifest;

/// <summary>What a load makes of valid manifests: where it finds them, what they are called, and every value of a service.</summary>
public sealed class ManifestLoaderTests
{
    private const string Minimal = "services: { web: { module: app.wasm } }";

    [Fact]
    public void Finds_TheManifestOfTheNearestFolderAbove()
    {
        using var scenario = new Scenario(Minimal);
        var inner = scenario.Write("a/b/readme.txt", string.Empty);
        var stack = scenario.Stack(request => request with { WorkingDirectory = Path.GetDirectoryName(inner)! });
        Assert.Equal([scenario.PathOf("wasmrun-compose.yaml")], stack.Files);
        Assert.Equal(scenario.Folder, stack.Directory);
        Assert.Equal("../../wasmrun-compose.yaml", Assert.Single(stack.Services).Location.File);
    }

    [Fact]
    public void Finds_TheOverrideFileBesideTheManifest()
    {
        using var scenario = new Scenario();
        scenario.Write("wasmrun-compose.yml", Minimal);
        scenario.Write("wasmrun-compose.override.yaml", "services: { web: { hold: 1s } }");
        Assert.Equal(TimeSpan.FromSeconds(1), scenario.Service("web").Hold);
    }

    [Fact]
    public void ExplicitFiles_MergeInOrderAndLeaveTheOverrideFileAlone()
    {
        using var scenario = new Scenario(Minimal);
        scenario.Write("wasmrun-compose.override.yaml", "services: { web: { hold: 1s } }");
        scenario.Write("a/one.yaml", "services: { web: { hold: 2s, module: app.wasm } }");
        scenario.Write("two.yaml", "services: { web: { hold: 3s } }");
        scenario.Write("a/app.wasm", string.Empty);
        var stack = scenario.Stack(request => request with { Files = ["a/one.yaml", "two.yaml"] });
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.Single(stack.Services).Hold);
        Assert.Equal(scenario.PathOf("a/app.wasm"), stack.Services[0].Module);
        Assert.Equal(scenario.PathOf("a"), stack.Directory);
        Assert.Equal("a", stack.Name);
    }

    [Fact]
    public void StandardInput_StartsFromTheWorkingDirectory()
    {
        using var scenario = new Scenario();
        using var input = new StringReader(Minimal);
        var stack = scenario.Stack(request => request with { Files = ["-"], StandardInput = input });
        Assert.Equal(scenario.PathOf("app.wasm"), Assert.Single(stack.Services).Module);
        Assert.Empty(stack.Files);
    }

    [Fact]
    public void ProjectDirectory_IsWhereRelativePathsStart()
    {
        using var scenario = new Scenario();
        scenario.Write("deploy/stack.yaml", Minimal);
        var stack = scenario.Stack(request => request with { Files = ["deploy/stack.yaml"], ProjectDirectory = "." });
        Assert.Equal(scenario.PathOf("app.wasm"), Assert.Single(stack.Services).Module);
    }

    [Fact]
    public void Name_ComesFromTheRequestThenTheManifest()
    {
        using var scenario = new Scenario("name: shop\n" + Minimal);
        Assert.Equal("shop", scenario.Stack().Name);
        Assert.Equal("other", scenario.Stack(request => request with { ProjectName = "other" }).Name);
    }

    [Theory]
    [InlineData("forwards: [3000]", "3000")]
    [InlineData("forwards: [3000/udp]", "3000")]
    [InlineData("{ forwards: [3000], environment: { PORT: 80 } }", "80")]
    [InlineData("{ forwards: [3000], environment: [PORT=] }", "")]
    [InlineData("forwards: [3000, 3001]", null)]
    [InlineData("forwards: [3000-3001]", null)]
    [InlineData("hold: 1s", null)]
    public void Port_IsToldToAServiceWithOneForward(string keys, string? expected)
    {
        using var scenario = new Scenario(Scenario.Web($"<<: {(keys.StartsWith('{') ? keys : $"{{ {keys} }}")}"));
        Assert.Equal(expected, scenario.Service("web").Environment.GetValueOrDefault("PORT"));
    }

    [Fact]
    public void Environment_LaysFilesUnderVariablesAndTakesNamesFromTheProcess()
    {
        using var scenario = new Scenario(Scenario.Web(
            """
            env_file: [one.env, { path: two.env }]
            environment: [B=own, C, D, E=a=b]
            """));
        scenario.Write("one.env", "A=1\nB=1\nX=1\n");
        scenario.Write("two.env", "X=2\nD=from file\n");
        scenario.Environment["C"] = "process";
        Assert.Equal(
            ["A=1", "B=own", "C=process", "E=a=b", "X=2"],
            scenario.Service("web").Environment.Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Environment_KeepsValuesAsTheyAreWritten()
    {
        using var scenario = new Scenario(Scenario.Web(
            """
            environment: { A: 010, B: yes, C: 1.50, D: null, E: 'null', F: "", G: !!str null }
            """));
        var environment = scenario.Service("web").Environment;
        Assert.Equal(
            [("A", "010"), ("B", "yes"), ("C", "1.50"), ("E", "null"), ("F", ""), ("G", "null")],
            environment.Select(variable => (variable.Key, variable.Value)));
    }

    [Fact]
    public void Variables_ComeFromTheProcessThenDotEnv()
    {
        using var scenario = new Scenario(Scenario.Web("command: [\"$A\", \"$B\"]"));
        scenario.Write(".env", "A=file\nB=file\n");
        scenario.Environment["A"] = "process";
        Assert.Equal(["process", "file"], scenario.Service("web").Command);
    }

    [Fact]
    public void Variables_ComeFromTheLastEnvFileInsteadOfDotEnv()
    {
        using var scenario = new Scenario(Scenario.Web("command: [\"${A-}\", \"$B\", \"$C\"]"));
        scenario.Write(".env", "A=dot\n");
        scenario.Write("one.env", "B=1\nC=1\n");
        scenario.Write("two.env", "C=2$B\n");
        Assert.Equal(["", "1", "21"], scenario.Service("web", request => request with { EnvFiles = ["one.env", "two.env"] }).Command);
    }

    [Fact]
    public void Profiles_SwitchServicesOn()
    {
        using var scenario = new Scenario(
            """
            services:
              web: { module: app.wasm, depends_on: { tool: { required: false } } }
              tool: { module: app.wasm, profiles: [debug, all] }
            """);
        Assert.Equal(["web"], scenario.Stack().Services.Select(service => service.Name));
        Assert.Empty(scenario.Service("web").DependsOn);
        Assert.Equal(
            ["web", "tool"], scenario.Stack(request => request with { Profiles = ["debug"] }).Services.Select(service => service.Name));
        Assert.Equal(2, scenario.Stack(request => request with { Profiles = ["*"] }).Services.Count);
        Assert.Equal(["tool"], scenario.Stack().SwitchedOff);
        Assert.Equal(["all", "debug"], scenario.Load().Profiles);
    }

    [Fact]
    public void Networks_AddTheDefaultOnlyWhenItIsUsed()
    {
        using var scenario = new Scenario(
            """
            services:
              web: { module: app.wasm, networks: [front] }
              api: { module: app.wasm }
            networks: { front: { internal: true } }
            """);
        var stack = scenario.Stack();
        Assert.Equal([("front", true), ("default", false)], stack.Networks.Select(network => (network.Name, network.Internal)));
        Assert.Equal([["front"], ["default"]], stack.Services.Select(service => service.Networks));
        scenario.Write("wasmrun-compose.yaml", "services: { web: { module: app.wasm, networks: [front] } }\nnetworks: { front: }");
        Assert.Equal(["front"], scenario.Stack().Networks.Select(network => network.Name));
    }

    [Fact]
    public void Aliases_BelongToANetwork()
    {
        using var scenario = new Scenario(
            """
            services:
              web: { module: app.wasm, networks: { front: , default: { aliases: [www, www.example.com] } } }
            networks: { front: }
            """);
        var service = scenario.Stack().Services[0];
        Assert.Equal(["front", "default"], service.Networks);
        Assert.Equal([new("default", "www"), new("default", "www.example.com")], service.Aliases);
    }

    [Fact]
    public void Mounts_AreReadInBothForms()
    {
        using var scenario = new Scenario(Scenario.Web(
            """
            volumes:
              - ./data:/data/
              - ~/etc:/etc/web:ro
              - /usr:/abs:rw
              - cache:/cache
              - { type: bind, source: ./in/../up, target: /up, read_only: true }
              - { type: volume, source: cache, target: /copy }
              - { type: tmpfs, target: /run }
              - { type: tmpfs, target: /run/small, tmpfs: { size: 65536 } }
            tmpfs: [/tmp, "/var/tmp/:size=1.5g"]
            """) + "\nvolumes: { cache: }");
        scenario.Environment["HOME"] = scenario.PathOf("me");
        foreach (var folder in new[] { "data", "me/etc", "up" })
        {
            Directory.CreateDirectory(scenario.PathOf(folder));
        }

        var place = new SourceLocation("x", 1, 1);
        MountSpec[] expected =
        [
            new MountSpec.Bind(scenario.PathOf("data"), "/data", ReadOnly: false, place),
            new MountSpec.Bind(scenario.PathOf("me/etc"), "/etc/web", ReadOnly: true, place),
            new MountSpec.Bind("/usr", "/abs", ReadOnly: false, place),
            new MountSpec.Named("cache", "/cache", ReadOnly: false, place),
            new MountSpec.Bind(scenario.PathOf("up"), "/up", ReadOnly: true, place),
            new MountSpec.Named("cache", "/copy", ReadOnly: false, place),
            new MountSpec.Temporary("/run", place),
            new MountSpec.Temporary("/run/small", place, 65_536),
            new MountSpec.Temporary("/tmp", place),
            new MountSpec.Temporary("/var/tmp", place, 3L << 29),
        ];
        Assert.Equal(expected, scenario.Service("web").Mounts.Select(mount => mount with { Location = place }));
    }

    [Fact]
    public void Forwards_AreReadInBothForms()
    {
        using var scenario = new Scenario(Scenario.Web(
            """
            ports:
              - 8080:3000
              - { target: 53, protocol: udp, host_ip: "[::]" }
              - { target: 80-81, published: 90-91, host_ip: 0.0.0.0 }
            """));
        var forwards = scenario.Service("web").Forwards;
        Assert.Equal(
            [
                (8080, 3000, TransportProtocol.Tcp),
                (null, 53, TransportProtocol.Udp),
                (90, 80, TransportProtocol.Tcp),
                (91, 81, TransportProtocol.Tcp),
            ],
            forwards.Select(forward => (forward.HostPort, forward.GuestPort, forward.Protocol)));
        Assert.Equal(
            [[IPAddress.Loopback, IPAddress.IPv6Loopback], [IPAddress.IPv6Any], [IPAddress.Any], [IPAddress.Any]],
            forwards.Select(forward => forward.Addresses));
        Assert.Equal(new SourceLocation("wasmrun-compose.yaml", 5, 9), forwards[0].Location);
    }

    [Fact]
    public void Service_HasTheDocumentedDefaults()
    {
        using var scenario = new Scenario(Minimal);
        var service = scenario.Service("web");
        Assert.Equal(TimeSpan.FromSeconds(10), service.Hold);
        Assert.Equal(TimeSpan.FromSeconds(10), service.StopGracePeriod);
        Assert.Equal(RestartSpec.Never, service.Restart);
        Assert.Equal(LimitsSpec.None, service.Limits);
        Assert.Equal(["default"], service.Networks);
        Assert.Empty(service.Environment);
        Assert.Empty(service.Command);
    }

    [Fact]
    public void Service_HasWhatIsWritten()
    {
        using var scenario = new Scenario(
            """
            services:
              web:
                module: ./app.wasm
                command: serve "my shop"
                hold: 1m30s
                stop_grace_period: 500ms
                egress: ["api.example.com:443"]
                depends_on: { api: { condition: service_completed_successfully, restart: true }, db: { condition: service_healthy }, log: }
                restart: { policy: on-failure, max_attempts: 5, delay: 1s, max_delay: 1m, backoff: linear, jitter: false, window: 2m }
                deploy: { resources: { limits: { memory: 64M, cpus: "0.5", descriptors: 4096, output_rate: 1m } } }
                labels: { team: shop }
              api: { module: app.wasm, restart: "on-failure:3", depends_on: [db] }
              db: { module: app.wasm, restart: unless-stopped, labels: [a=b=c, d] }
              log: { module: app.wasm, restart: { policy: always, delay: 1m } }
            """);
        var stack = scenario.Stack();
        var web = stack.Services[0];
        Assert.Equal(["serve", "my shop"], web.Command);
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromMilliseconds(500)), (web.Hold, web.StopGracePeriod));
        Assert.Equal(("api.example.com", 443), (Assert.Single(web.Egress).Host, web.Egress[0].Port));
        Assert.Equal(
            [
                ("api", DependencyCondition.CompletedSuccessfully, true, true),
                ("db", DependencyCondition.Healthy, true, false),
                ("log", DependencyCondition.Started, true, false),
            ],
            web.DependsOn.Select(dependency => (dependency.Service, dependency.Condition, dependency.Required, dependency.Restart)));
        Assert.Equal(
            new RestartSpec(
                RestartPolicy.OnFailure,
                5,
                TimeSpan.FromSeconds(1),
                TimeSpan.FromMinutes(1),
                BackoffKind.Linear,
                false,
                TimeSpan.FromMinutes(2)),
            web.Restart);
        Assert.Equal(new LimitsSpec(64 * 1024 * 1024, 0.5, 4096, 1024 * 1024), web.Limits);
        Assert.Equal("shop", web.Labels["team"]);
        Assert.Equal(RestartSpec.Never with { Policy = RestartPolicy.OnFailure, MaxAttempts = 3 }, stack.Services[1].Restart);
        Assert.Equal(RestartPolicy.UnlessStopped, stack.Services[2].Restart.Policy);
        Assert.Equal([("a", "b=c"), ("d", "")], stack.Services[2].Labels.Select(label => (label.Key, label.Value)));
        Assert.Equal(TimeSpan.FromMinutes(1), stack.Services[3].Restart.MaxDelay);
    }

    [Fact]
    public void Result_HasNoStackWhenThereIsAnError()
    {
        using var scenario = new Scenario("services: { web: { module: app.wasm, hold: x }, api: { module: none.wasm } }");
        var result = scenario.Load();
        Assert.Null(result.Stack);
        Assert.Equal(["WR1110", "WR1212"], result.Diagnostics.Select(diagnostic => diagnostic.Code));
    }

    [Fact]
    public void Result_MissesNothingThatMayBeInAFileItCouldNotRead()
    {
        using var scenario = new Scenario("services: [\n");
        scenario.Write(
            "wasmrun-compose.override.yaml",
            "services: { web: { hold: x, depends_on: [api], networks: [front], volumes: ['data:/data'] } }");
        Assert.Equal(["WR1005", "WR1110"], scenario.Load().Diagnostics.Select(diagnostic => diagnostic.Code));
    }

    [Fact]
    public void Result_KeepsTheStackBesideWarnings()
    {
        using var scenario = new Scenario(Scenario.Web("command: [\"$UNSET\"]"));
        var result = scenario.Load();
        Assert.Equal(DiagnosticSeverity.Warning, Assert.Single(result.Diagnostics).Severity);
        Assert.NotNull(result.Stack);
    }

    [Fact]
    public void Sources_ShowTheLineOfADiagnostic()
    {
        using var scenario = new Scenario(Scenario.Web("hold: x"));
        var result = scenario.Load();
        Assert.Equal("    hold: x", result.Sources.LineAt(Assert.Single(result.Diagnostics).Location));
        Assert.Null(result.Sources.LineAt(new SourceLocation("wasmrun-compose.yaml", 99, 1)));
        Assert.Null(result.Sources.LineAt(new SourceLocation("other.yaml", 1, 1)));
    }

    [Fact]
    public void Diagnostics_FollowTheOrderOfTheFilesThenOfTheirLines()
    {
        using var scenario = new Scenario();
        scenario.Write("z.yaml", "services:\n  web: { module: app.wasm, hold: x, stop_grace_period: x }\n");
        scenario.Write("a.yaml", "services:\n  web: { command: ok }\n  api: { module: app.wasm, hold: x }\nx: 1\n");
        var diagnostics = scenario.Load(request => request with { Files = ["z.yaml", "a.yaml"] }).Diagnostics;
        Assert.Equal(
            ["z.yaml(2,34)", "z.yaml(2,56)", "a.yaml(3,34)", "a.yaml(4,1)"],
            diagnostics.Select(diagnostic => diagnostic.Location.ToString()));
    }

    [Fact]
    public void ByteOrderMark_IsNoPartOfTheManifest()
    {
        using var scenario = new Scenario("\uFEFF" + Minimal);
        Assert.Single(scenario.Stack().Services);
    }
}
