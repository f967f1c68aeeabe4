using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Parsing;
using Wasmrun.Manifest.Specs;
using Wasmrun.Manifest.Syntax;

namespace Wasmrun.Manifest.Reading;

/// <summary>Reads the merged manifest: what it declares first, because services refer to them, then the services.</summary>
internal sealed class StackReader(ReadContext context)
{
    private ValueReader Values => context.Values;

    /// <summary>All that could be read, the services of inactive profiles included; what is wrong is in the diagnostics.</summary>
    public StackSpec Read(MappingNode root, string name, string directory)
    {
        var networks = new List<NetworkSpec>();
        var volumes = new List<VolumeSpec>();
        var services = new List<ServiceSpec>();
        if (MappingReader.Open(root, "the manifest", ManifestKeys.Stack, Values) is { } stack)
        {
            networks.AddRange(Declarations(stack, "networks").Select(ReadNetwork));
            volumes.AddRange(Declarations(stack, "volumes").Select(ReadVolume));
            var declared = new DeclaredNames(
                networks.Select(network => network.Name).ToHashSet(),
                volumes.Select(volume => volume.Name).ToHashSet(),
                DeclaredGrants.Read(GrantKind.Secret, Declarations(stack, "secrets"), context),
                DeclaredGrants.Read(GrantKind.Config, Declarations(stack, "configs"), context));
            services.AddRange(ReadServices(stack, new ServiceReader(context, declared)));
        }

        return new StackSpec(name, directory, Files: [], services, networks, volumes);
    }

    private IEnumerable<ServiceSpec> ReadServices(MappingReader stack, ServiceReader reader)
    {
        var entries = Declarations(stack, "services");
        if (stack.Find("services") is null or MappingNode { Entries.Count: 0 })
        {
            var place = stack.Node.Entry("services")?.Key.Location ?? stack.Node.Location;
            context.Diagnostics.Report(
                ManifestDiagnostics.NoServices, place, "the stack has no services; add at least one under 'services'");
        }

        return entries.Select(reader.Read).OfType<ServiceSpec>();
    }

    private NetworkSpec ReadNetwork(MappingEntry entry) =>
        new(entry.Key.Text, OpenDeclaration(entry, "network", ManifestKeys.Network)?.Flag("internal") ?? false, entry.Key.Location);

    private VolumeSpec ReadVolume(MappingEntry entry) => new(entry.Key.Text, entry.Key.Location)
    {
        Exclusive = OpenDeclaration(entry, "volume", ManifestKeys.Volume)?.Flag("exclusive") ?? false,
    };

    private MappingReader? OpenDeclaration(MappingEntry entry, string what, KeyTable keys) =>
        entry.Value is ScalarNode { IsNull: true } ? null : MappingReader.Open(entry.Value, $"the {what} '{entry.Key.Text}'", keys, Values);

    private IReadOnlyList<MappingEntry> Declarations(MappingReader stack, string key)
    {
        switch (stack.Find(key))
        {
            case null:
                return [];
            case MappingNode map:
                foreach (var entry in map.Entries)
                {
                    CheckName(entry.Key, key.TrimEnd('s'));
                }

                return map.Entries;
            case var other:
                Values.ReportType(other, $"'{key}'", "a mapping");
                return [];
        }
    }

    private void CheckName(ScalarNode name, string what)
    {
        if (NameRules.IsValid(name.Text) && name.Text is not "localhost")
        {
            return;
        }

        var nearest = NameRules.Normalize(name.Text);
        var remedy = name.Text == "localhost" ? "every guest already has that name for itself" : NameRules.Rule;
        var hint = nearest is null or "localhost" ? string.Empty : $"; for example '{nearest}'";
        context.Diagnostics.Report(ManifestDiagnostics.BadName, name.Location, $"'{name.Text}' cannot name a {what}: {remedy}{hint}");
    }
}
