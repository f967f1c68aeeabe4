using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;
using Wasmrun.Manifest.Validation;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads one service from its mapping, every key through the reader of its concept.</summary>
internal sealed class ServiceReader(ReadContext context, DeclaredNames declared)
{
    public ServiceSpec? Read(MappingEntry entry)
    {
        var name = entry.Key.Text;
        if (MappingReader.Open(entry.Value, $"service '{name}'", ManifestKeys.Service, context.Values) is not { } service)
        {
            return null;
        }

        var values = context.Values;
        var profiles = values.DistinctTexts(values.List(service.Find("profiles"), "'profiles'"), "'profiles'")
            .Select(profile => profile.Text)
            .ToList();
        var usual = new ServiceSpec(name, entry.Key.Location);
        var isActive = context.Profiles.Includes(profiles);
        var forwards = new ForwardsReader(values, context.Budget).Read(service.Find("forwards"));
        var (networks, aliases) = new NetworksReader(values, declared).Read(service.Find("networks"));
        var deploy = service.Mapping("deploy", ManifestKeys.Deploy);
        var project = new ProjectReader(context).Read(service, mustExist: isActive);
        var develop = new DevelopReader(context);
        var build = develop.ReadBuild(service);
        return (usual with
        {
            Module = new ModuleReader(context).Read(service, name, entry.Key, mustExist: build is null && isActive),
            Project = project,
            Language = new ProjectReader(context).ReadLanguage(service),
            Entrypoint = service.Text("entrypoint"),
            WorkingDirectory = new ProjectReader(context).ReadWorkingDirectory(service),
            Build = build is not null && project is not null ? build with { Directory = project } : build,
            Watch = develop.ReadWatch(service, hasBuild: build is not null),
            Command = new CommandReader(values).Read(service.Find("command")),
            Forwards = forwards,
            Hold = service.Duration("hold") ?? usual.Hold,
            Networks = networks,
            Aliases = aliases,
            Egress = new EgressReader(values).Read(service.Find("egress")),
            Mounts = new MountsReader(context, declared).Read(service, mustExist: isActive),
            DependsOn = new DependenciesReader(values).Read(service.Find("depends_on")),
            Healthcheck = new HealthcheckReader(values, forwards).Read(service.Mapping("healthcheck", ManifestKeys.Healthcheck)),
            Restart = new RestartReader(values).Read(service.Find("restart")),
            StopGracePeriod = service.Duration("stop_grace_period") ?? usual.StopGracePeriod,
            UpdateOrder = new UpdateOrderReader(deploy).Read() ?? usual.UpdateOrder,
            Replicas = deploy?.Number("replicas", 0, ReplicaRule.Most) ?? usual.Replicas,
            Limits = new LimitsReader(values).Read(deploy),
            Logging = new LoggingReader(values).Read(service),
            Labels = new LabelsReader(values).Read(service.Find("labels")),
            Profiles = profiles,
        }).WithEnvironment(new EnvironmentReader(context).Read(service));
    }
}
