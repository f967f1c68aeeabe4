using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Flags;
using Wasmrun.Manifest.Specs;

namespace Wasmrun.Tests.Manifest;

public sealed class OneOffReaderTests : IDisposable
{
    private static readonly SourceLocation s_here = new("wasmrun-compose.yaml", 1, 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WithoutFlags_ItIsTheService_ButForWhatOnlyOneThatServesHas()
    {
        var service = Service() with
        {
            Forwards = [new([System.Net.IPAddress.Loopback], 8080, 80, TransportProtocol.Tcp, s_here)],
            Aliases = [new("default", "site")],
            Replicas = 3,
            DependsOn = [new("db", DependencyCondition.Healthy, Required: true, Restart: true, s_here)],
            Restart = RestartSpec.Never with { Policy = RestartPolicy.Always },
        };

        var once = Read(service, new("web"));

        Assert.Matches("^web-run-[0-9a-f]{8}$", once.Name);
        Assert.Equal(once.Name, once.InstanceName(1));
        Assert.Equal(("web", 1, RestartSpec.Never), (once.OneOffOf, once.Replicas, once.Restart));
        Assert.IsType<ProbeSpec.Disabled>(once.Healthcheck?.Probe);
        Assert.Empty(once.Forwards);
        Assert.Empty(once.Aliases);
        Assert.False(Assert.Single(once.DependsOn).Restart);
        Assert.Equal(service.Command, once.Command);
        Assert.Equal(service.Mounts, once.Mounts);
        Assert.Equal(service.Environment, once.Environment);
        Assert.NotEqual(once.Name, Read(service, new("web")).Name);
    }

    [Fact]
    public void Flags_AreLaidOverTheService()
    {
        var once = Read(Service(), new("web")
        {
            Name = "once",
            Arguments = ["--$HOME", "b c"],
            Environment = ["A=flag", "SHELL_HAS", "SHELL_HAS_NOT"],
            Volumes = ["./:/data:ro", "cache:/cache"],
            Publish = ["8081:80"],
            NoDependencies = true,
        });

        Assert.Equal("once", once.Name);
        Assert.Equal(["--$HOME", "b c"], once.Command);
        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "flag", ["B"] = "manifest", ["SHELL_HAS"] = "it", ["PORT"] = "80" }, once.Environment);
        Assert.Equal(["/etc", "/data", "/cache"], once.Mounts.Select(mount => mount.Target));
        Assert.True(Assert.IsType<MountSpec.Bind>(once.Mounts[1]).ReadOnly);
        Assert.Equal([(8081, 80)], once.Forwards.Select(forward => (forward.HostPort ?? 0, forward.GuestPort)));
        Assert.Empty(once.DependsOn);
    }

    [Fact]
    public void ServicePorts_AreTheServicesOwn_AndPortIsNotOverwritten()
    {
        var forward = new ForwardSpec([System.Net.IPAddress.Loopback], 8080, 80, TransportProtocol.Tcp, s_here);
        var service = Service() with { Forwards = [forward], Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORT"] = "80" } };

        Assert.Equal([forward], Read(service, new("web") { ServicePorts = true }).Forwards);
        Assert.Equal("80", Read(service, new("web") { Publish = ["9090"] }).Environment["PORT"]);
    }

    [Fact]
    public void ModuleThatIsYetToBeBuilt_NeedNotBeThere()
    {
        var service = Service() with { Module = Path.Combine(_folder.Path, "later.wasm"), Build = new("true", _folder.Path) };

        Assert.Equal(service.Module, Read(service, new("web")).Module);
    }

    [Fact]
    public void Entrypoint_TakesNoArgumentsFromTheService()
    {
        var service = Service() with { Module = null, Project = _folder.Path, Entrypoint = "server.js" };

        var once = Read(service, new("web") { Entrypoint = "migrate.js" });

        Assert.Equal("migrate.js", once.Entrypoint);
        Assert.Empty(once.Command);
    }

    private ServiceSpec Service()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "web.wasm"), "");
        return new ServiceSpec("web", s_here)
        {
            Module = Path.Combine(_folder.Path, "web.wasm"),
            Command = ["serve"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "manifest", ["B"] = "manifest" },
            Mounts =
            [
                new MountSpec.Temporary("/data", s_here),
                new MountSpec.Temporary("/etc", s_here),
            ],
        };
    }

    private ServiceSpec Read(ServiceSpec service, OneOffFlags flags)
    {
        var (once, diagnostics) = OneOffReader.Read(
            service, flags, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["SHELL_HAS"] = "it" });
        Assert.Empty(diagnostics);
        return Assert.IsType<ServiceSpec>(once);
    }
}
