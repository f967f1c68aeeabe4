using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Tests.Manifest;

/// <summary>How files, services and anchors combine: merge, !reset and !override, extends, include, merge keys.</summary>
public sealed class CompositionTests
{
    [Fact]
    public void Merge_ReplacesScalarsAndCommandsAndAppendsLists()
    {
        var service = Merge(
            "{ command: [a, b], hold: 1s, egress: [one.example], tmpfs: /a, profiles: [] }",
            "{ command: [c], hold: 2s, egress: [one.example, two.example], tmpfs: [/b] }");
        Assert.Equal(["c"], service.Command);
        Assert.Equal(TimeSpan.FromSeconds(2), service.Hold);
        Assert.Equal(["one.example", "two.example"], service.Egress.Select(egress => egress.Host));
        Assert.Equal(["/a", "/b"], service.Mounts.Select(mount => mount.Target));
    }

    [Fact]
    public void Merge_OfEnvironmentAndLabelsGoesByNameInEitherForm()
    {
        var service = Merge("{ environment: [A=1, B=1], labels: { a: 1 } }", "{ environment: { B: 2, C: 2 }, labels: [b=2, a=3] }");
        Assert.Equal(
            ["A=1", "B=2", "C=2"],
            service.Environment.Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(["a=3", "b=2"], service.Labels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Merge_OfForwardsGoesByAddressAndPorts()
    {
        var service = Merge(
            "{ forwards: ['8080:3000', '8081:3001', { target: 53, published: 53, protocol: udp }] }",
            "{ ports: ['8080:3000/tcp', { target: 3001, published: 8081 }, '53:53/udp', '9000:3000'] }");
        Assert.Equal([8080, 8081, 53, 9000], service.Forwards.Select(forward => forward.HostPort));
    }

    [Fact]
    public void Merge_OfVolumesGoesByTarget()
    {
        var service = Merge(
            "{ volumes: ['.:/data', '.:/b'] }", "{ volumes: [{ type: bind, source: ., target: /data/, read_only: true }] }");
        Assert.Equal(["/b", "/data"], service.Mounts.Select(mount => mount.Target));
        Assert.True(Assert.IsType<MountSpec.Bind>(service.Mounts[1]).ReadOnly);
    }

    [Fact]
    public void Merge_OfTmpfsGoesByTarget()
    {
        var service = Merge("{ tmpfs: ['/a:size=1m', /b] }", "{ tmpfs: '/a/:size=2m' }");
        Assert.Equal(["/b", "/a"], service.Mounts.Select(mount => mount.Target));
        Assert.Equal(2 << 20, Assert.IsType<MountSpec.Temporary>(service.Mounts[1]).MaxBytes);
    }

    [Fact]
    public void Merge_OfDependenciesGoesByServiceInEitherForm()
    {
        var service = Merge(
            "{ depends_on: [api, db] }",
            "{ depends_on: { db: { condition: service_healthy }, log: } }",
            "{ api: { module: app.wasm }, db: { module: app.wasm }, log: { module: app.wasm } }");
        Assert.Equal(
            [("api", DependencyCondition.Started), ("db", DependencyCondition.Healthy), ("log", DependencyCondition.Started)],
            service.DependsOn.Select(dependency => (dependency.Service, dependency.Condition)));
    }

    [Fact]
    public void Merge_OfLongFormsGoesKeyByKey()
    {
        var service = Merge("{ restart: { policy: always, delay: 1s } }", "{ restart: { delay: 2s } }");
        Assert.Equal((RestartPolicy.Always, TimeSpan.FromSeconds(2)), (service.Restart.Policy, service.Restart.Delay));
    }

    [Fact]
    public void Merge_ReplacesAShortFormByALongOne() =>
        Assert.Equal(RestartPolicy.Always, Merge("{ restart: unless-stopped }", "{ restart: { policy: always } }").Restart.Policy);

    [Fact]
    public void Reset_TakesAKeyAway()
    {
        var service = Merge(
            "{ forwards: ['8080:3000'], hold: 1s, environment: { A: 1, B: 1 } }",
            "{ forwards: !reset [], hold: !reset null, environment: { A: !reset null } }");
        Assert.Empty(service.Forwards);
        Assert.Equal(TimeSpan.FromSeconds(10), service.Hold);
        Assert.Equal(["B"], service.Environment.Keys);
    }

    [Fact]
    public void Reset_WithoutAnythingBeforeItIsNothing()
    {
        using var scenario = new Scenario(Scenario.Web("hold: !reset null\negress: [!reset a, b.example]"));
        Assert.Equal(["b.example"], scenario.Service("web").Egress.Select(egress => egress.Host));
    }

    [Fact]
    public void Override_ReplacesInsteadOfMerging()
    {
        var service = Merge(
            "{ forwards: ['8080:3000'], environment: { A: 1 } }", "{ forwards: !override ['9000:3000'], environment: !override { B: 2 } }");
        Assert.Equal([9000], service.Forwards.Select(forward => forward.HostPort));
        Assert.Equal(["B", "PORT"], service.Environment.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Merge_AddsServicesNetworksAndVolumes()
    {
        using var scenario = new Scenario();
        scenario.Write("a.yaml", "services: { a: { module: app.wasm } }\nnetworks: { n: { internal: true } }\nvolumes: { v: }");
        scenario.Write("b.yaml", "services: { b: { module: app.wasm } }\nnetworks: { n: { internal: false }, m: }\nvolumes: { w: }");
        var stack = scenario.Stack(request => request with { Files = ["a.yaml", "b.yaml"] });
        Assert.Equal(["a", "b"], stack.Services.Select(service => service.Name));
        Assert.Equal([("n", false), ("m", false), ("default", false)], stack.Networks.Select(network => (network.Name, network.Internal)));
        Assert.Equal(["v", "w"], stack.Volumes.Select(volume => volume.Name));
    }

    [Fact]
    public void Merge_KeepsAliasesAndAddsToThem()
    {
        using var scenario = new Scenario();
        scenario.Write(
            "a.yaml",
            "services: { a: { module: app.wasm, networks: { n: { aliases: [one, two] }, m: { aliases: [one] } } } }\nnetworks: { n: , m: }");
        scenario.Write("b.yaml", "services: { a: { networks: [m, default] } }");
        scenario.Write("c.yaml", "services: { a: { networks: { n: { aliases: [two, three] }, default: { aliases: [four] } } } }");
        var service = scenario.Stack(request => request with { Files = ["a.yaml", "b.yaml", "c.yaml"] }).Services[0];
        Assert.Equal(["n", "m", "default"], service.Networks);
        Assert.Equal([new("n", "one"), new("n", "two"), new("n", "three"), new("m", "one"), new("default", "four")], service.Aliases);
    }

    [Fact]
    public void Extends_LaysAServiceOverAnother()
    {
        using var scenario = new Scenario(
            """
            services:
              web: { extends: base, environment: [B=2], hold: 3s }
              base: { extends: { service: root }, environment: { A: 1, B: 1 }, egress: [b.example] }
              root: { module: app.wasm, egress: [a.example], labels: { from: root } }
            """);
        var web = scenario.Service("web");
        Assert.Equal(scenario.PathOf("app.wasm"), web.Module);
        Assert.Equal(["a.example", "b.example"], web.Egress.Select(egress => egress.Host));
        Assert.Equal(("1", "2", "root"), (web.Environment["A"], web.Environment["B"], web.Labels["from"]));
        Assert.Equal(new SourceLocation("wasmrun-compose.yaml", 2, 3), web.Location);
    }

    [Fact]
    public void Extends_KeepsThePathsOfTheOtherFile()
    {
        using var scenario = new Scenario("services: { web: { extends: { file: lib/base.yaml, service: web }, volumes: ['./own:/own'] } }");
        scenario.Write("lib/base.yaml", "services: { web: { module: in-lib.wasm, volumes: ['./data:/data'], env_file: lib.env } }");
        scenario.Write("lib/in-lib.wasm", string.Empty);
        scenario.Write("lib/lib.env", "A=1");
        scenario.Write("lib/data", string.Empty);
        scenario.Write("own", string.Empty);
        var web = scenario.Service("web");
        Assert.Equal(scenario.PathOf("lib/in-lib.wasm"), web.Module);
        Assert.Equal(
            [scenario.PathOf("lib/data"), scenario.PathOf("own")],
            web.Mounts.Cast<MountSpec.Bind>().Select(mount => mount.Source));
        Assert.Equal("1", web.Environment["A"]);
    }

    [Fact]
    public void Files_AreAllThatTheStackWasReadFromTheBaseFirst()
    {
        using var scenario = new Scenario("include: [inc.yaml]\nservices: { web: { extends: { file: base.yaml, service: web } } }");
        scenario.Write(".env", "A=1");
        scenario.Write("inc.yaml", "services: { db: { module: app.wasm } }");
        scenario.Write("base.yaml", "services: { web: { module: app.wasm, env_file: web.env } }");
        scenario.Write("web.env", "B=1");
        scenario.Write("wasmrun-compose.override.yaml", "services: { db: { hold: 1s } }");
        var names = scenario.Stack().Files.Select(file => Path.GetRelativePath(scenario.Folder, file)).ToList();
        Assert.Equal(["wasmrun-compose.yaml", "wasmrun-compose.override.yaml"], names.Take(2));
        Assert.Equal([".env", "base.yaml", "inc.yaml", "web.env"], names.Skip(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Include_KeepsTheFolderAndDotEnvOfTheIncludedManifest()
    {
        using var scenario = new Scenario(
            """
            include: [lib/wasmrun-compose.yaml]
            services: { web: { module: app.wasm, depends_on: [db] } }
            """);
        scenario.Write(".env", "SHARED=outer");
        scenario.Write("lib/.env", "SHARED=inner\nOWN=inner");
        scenario.Write("lib/db.wasm", string.Empty);
        scenario.Write("lib/wasmrun-compose.yaml", """
            name: ignored
            services: { db: { module: db.wasm, command: ['$SHARED', '$OWN'], volumes: ['data:/data'] } }
            volumes: { data: }
            """);
        var stack = scenario.Stack();
        Assert.Equal(["web", "db"], stack.Services.Select(service => service.Name));
        Assert.Equal(scenario.PathOf("lib/db.wasm"), stack.Services[1].Module);
        Assert.Equal(["outer", "inner"], stack.Services[1].Command);
        Assert.Equal("data", Assert.Single(stack.Volumes).Name);
        Assert.NotEqual("ignored", stack.Name);
    }

    [Fact]
    public void Include_BringsSecretsAndConfigsFromTheirFolder()
    {
        using var scenario = new Scenario("include: [lib/db.yaml]\nservices: { web: { module: app.wasm, secrets: [key] } }");
        scenario.Write("lib/db.wasm", string.Empty);
        scenario.Write("lib/key.txt", "k");
        scenario.Write("lib/db.yaml", """
            services: { db: { module: db.wasm, secrets: [key], configs: [mode] } }
            secrets: { key: { file: ./key.txt } }
            configs: { mode: { content: fast } }
            """);
        var stack = scenario.Stack();
        var granted = stack.Services.SelectMany(service => service.Mounts).OfType<MountSpec.Granted>().ToLookup(grant => grant.Name, grant => grant.Source);
        Assert.Equal([scenario.PathOf("lib/key.txt"), scenario.PathOf("lib/key.txt")], granted["key"].Select(source => source.File));
        Assert.Equal("fast", Assert.Single(granted["mode"]).Content);
    }

    [Fact]
    public void Include_OfASecretThatIsThereAlready_IsAConflict()
    {
        using var scenario = new Scenario("include: [db.yaml]\nservices: { web: { module: app.wasm } }\nsecrets: { key: { environment: A } }");
        scenario.Write("db.yaml", "secrets: { key: { environment: B } }");
        var conflict = Assert.Single(scenario.Load().Diagnostics);
        Assert.Equal("WR1602", conflict.Code);
        Assert.StartsWith("the secret 'key' is also declared in an included file", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_TakesSeveralFilesFolderAndEnvFile()
    {
        using var scenario = new Scenario(
            """
            include:
              - path: [lib/a.yaml, lib/b.yaml]
                project_directory: .
                env_file: lib/some.env
            """);
        scenario.Write("lib/a.yaml", "services: { db: { module: app.wasm, hold: 1s, command: '$A' } }");
        scenario.Write("lib/b.yaml", "services: { db: { hold: 2s } }");
        scenario.Write("lib/some.env", "A=some");
        var db = scenario.Service("db");
        Assert.Equal((scenario.PathOf("app.wasm"), TimeSpan.FromSeconds(2), "some"), (db.Module, db.Hold, Assert.Single(db.Command)));
    }

    [Fact]
    public void Include_OfOneFileByTwoWaysIsNoConflict()
    {
        using var scenario = new Scenario("include: [a.yaml, b.yaml]");
        scenario.Write("a.yaml", "include: [db.yaml]\nservices: { a: { module: app.wasm } }\nnetworks: { shared: }");
        scenario.Write("b.yaml", "include: [db.yaml]\nservices: { b: { module: app.wasm } }\nnetworks: { shared: {} }");
        scenario.Write("db.yaml", "services: { db: { module: app.wasm } }");
        Assert.Equal(["a", "db", "b"], scenario.Stack().Services.Select(service => service.Name));
    }

    [Fact]
    public void Include_CanBeOverriddenByALaterFile()
    {
        using var scenario = new Scenario("include: [db.yaml]\nservices: { web: { module: app.wasm } }");
        scenario.Write("db.yaml", "services: { db: { module: app.wasm, hold: 1s } }");
        scenario.Write("wasmrun-compose.override.yaml", "services: { db: { hold: 2s } }");
        Assert.Equal(TimeSpan.FromSeconds(2), scenario.Service("db").Hold);
    }

    [Fact]
    public void MergeKey_GivesWayToWhatIsWritten()
    {
        using var scenario = new Scenario(
            """
            x-a: &a { hold: 1s, stop_grace_period: 1s }
            x-b: &b { hold: 2s, command: b }
            services:
              web:
                <<: [*a, *b]
                module: app.wasm
                stop_grace_period: 3s
            """);
        var web = scenario.Service("web");
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), "b"), (web.Hold, web.StopGracePeriod, Assert.Single(web.Command)));
    }

    [Fact]
    public void Anchor_ReportsAProblemOnceHoweverOftenItIsUsed()
    {
        using var scenario = new Scenario(
            """
            x-hold: &hold soon
            services:
              a: { module: app.wasm, hold: *hold, stop_grace_period: *hold }
              b: { module: app.wasm, hold: *hold }
            """);
        Assert.Equal(
            ["wasmrun-compose.yaml(1,9) 'hold'", "wasmrun-compose.yaml(1,9) 'stop_grace_period'"],
            scenario.Load().Diagnostics.Select(diagnostic => $"{diagnostic.Location} {diagnostic.Message.Split(' ')[6].TrimEnd(';')}"));
    }

    private static ServiceSpec Merge(string earlier, string later, string others = "{}")
    {
        using var scenario = new Scenario();
        scenario.Write("a.yaml", $"services: {{ web: {earlier} }}");
        scenario.Write("b.yaml", $"services: {{ web: {later} }}");
        scenario.Write("c.yaml", "services: { web: { module: app.wasm } }");
        scenario.Write("d.yaml", $"services: {others}");
        return scenario.Service("web", request => request with { Files = ["a.yaml", "b.yaml", "c.yaml", "d.yaml"] });
    }
}
