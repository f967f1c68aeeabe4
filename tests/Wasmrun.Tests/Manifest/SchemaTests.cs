using System.Globalization;
using System.Text.Json.Nodes;
using NJsonSchema;
using Wasmrun.Manifest.Diagnostics;
using Wasmrun.Manifest.Reading;
using Wasmrun.Manifest.Settings;
using Wasmrun.Manifest.Syntax;
using Wasmrun.Tests.House;

namespace Wasmrun.Tests.Manifest;

/// <summary>The editors' schemas know the keys that the readers know, explain each, and judge the fixtures as the loader does.</summary>
public sealed class SchemaTests
{
    private const string ManifestSchema = "wasmrun-compose.schema.json";
    private const string SettingsSchema = "wasmrun.schema.json";

    private static readonly Dictionary<string, (string Schema, string? Definition, KeyTable Keys)> _tables = new(StringComparer.Ordinal)
    {
        ["stack"] = (ManifestSchema, null, ManifestKeys.Stack),
        ["include"] = (ManifestSchema, "include", ManifestKeys.Include),
        ["service"] = (ManifestSchema, "service", ManifestKeys.Service),
        ["extends"] = (ManifestSchema, "extends", ManifestKeys.Extends),
        ["env_file"] = (ManifestSchema, "envFile", ManifestKeys.EnvFile),
        ["forward"] = (ManifestSchema, "forward", ManifestKeys.Forward),
        ["network of a service"] = (ManifestSchema, "serviceNetwork", ManifestKeys.ServiceNetwork),
        ["mount"] = (ManifestSchema, "mount", ManifestKeys.Mount),
        ["dependency"] = (ManifestSchema, "dependency", ManifestKeys.Dependency),
        ["healthcheck"] = (ManifestSchema, "healthcheck", ManifestKeys.Healthcheck),
        ["restart"] = (ManifestSchema, "restart", ManifestKeys.Restart),
        ["deploy"] = (ManifestSchema, "deploy", ManifestKeys.Deploy),
        ["update_config"] = (ManifestSchema, "updateConfig", ManifestKeys.UpdateConfig),
        ["logging"] = (ManifestSchema, "logging", ManifestKeys.Logging),
        ["resources"] = (ManifestSchema, "resources", ManifestKeys.Resources),
        ["limits"] = (ManifestSchema, "limits", ManifestKeys.Limits),
        ["develop"] = (ManifestSchema, "develop", ManifestKeys.Develop),
        ["develop.watch"] = (ManifestSchema, "watch", ManifestKeys.Watch),
        ["network"] = (ManifestSchema, "network", ManifestKeys.Network),
        ["volume"] = (ManifestSchema, "volume", ManifestKeys.Volume),
        ["settings"] = (SettingsSchema, null, OsSettingsKeys.Root),
        ["[project]"] = (SettingsSchema, "project", OsSettingsKeys.Project),
        ["[network]"] = (SettingsSchema, "network", OsSettingsKeys.Network),
        ["[watch]"] = (SettingsSchema, "watch", OsSettingsKeys.Watch),
        ["[os]"] = (SettingsSchema, "os", OsSettingsKeys.Os),
        ["[os.network]"] = (SettingsSchema, "osNetwork", OsSettingsKeys.OsNetwork),
    };

    public static TheoryData<string> Tables => new(_tables.Keys);

    public static TheoryData<string> ValidManifests =>
        new(Directory.EnumerateFiles(Path.Combine(Fixture.Root, "valid"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Fixture.Root, file)));

    [Theory]
    [MemberData(nameof(Tables))]
    public void Schema_HasExactlyTheKeysAndExplainsThem(string table)
    {
        var (schema, definition, keys) = _tables[table];
        var root = JsonNode.Parse(File.ReadAllText(Repository.PathOf($"schemas/{schema}")))!;
        var node = definition is null ? root : root["definitions"]![definition]!;
        var properties = node["properties"]?.AsObject() ?? [];
        Assert.Equal(
            keys.Keys.Order(StringComparer.Ordinal),
            properties.Select(property => property.Key).Order(StringComparer.Ordinal));
        Assert.All(
            properties, property => Assert.EndsWith(".", property.Value!["description"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal("false", node["additionalProperties"]!.ToJsonString());
        Assert.Equal(keys.AllowsExtensions, node["patternProperties"]?["^x-"] is not null);
    }

    [Theory]
    [MemberData(nameof(ValidManifests))]
    public async Task Manifest_ThatIsValidPassesTheSchema(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Fixture.Root, file), TestContext.Current.CancellationToken);
        Assert.Empty(await Complaints(ManifestSchema, Json(Yaml(text))));
    }

    [Theory]
    [InlineData("WR1101-unknown-keys")]
    [InlineData("WR1103-wrong-types")]
    [InlineData("WR1106-missing-keys")]
    [InlineData("WR1107-unknown-values")]
    [InlineData("WR1110-durations")]
    [InlineData("WR1701-restart")]
    public async Task Manifest_WithWrongKeysOrValuesFailsTheSchema(string fixture)
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(Fixture.Root, fixture, "wasmrun-compose.yaml"), TestContext.Current.CancellationToken);
        Assert.NotEmpty(await Complaints(ManifestSchema, Json(Yaml(text))));
    }

    [Theory]
    [InlineData("hold: null", true)]
    [InlineData("forwards: null\nvolumes: null\ncommand: null\nhealthcheck: null\nrestart: null\ndeploy: null\nenvironment: null", true)]
    [InlineData("deploy: { replicas: null, resources: { limits: { memory: null, cpus: null } }, update_config: { order: null } }", true)]
    [InlineData("forwards: [{ target: 80, published: null, protocol: null }]", true)]
    [InlineData("forwards: [{ target: null }]", false)]
    [InlineData("deploy: { update_config: { order: '${O:-stop-first}' } }", true)]
    [InlineData("forwards: [{ target: 80, protocol: '${P:-udp}' }]", true)]
    [InlineData("volumes: [{ type: '${T:-tmpfs}', target: /a }]", true)]
    [InlineData("restart: { policy: '${R:-always}', backoff: '${B:-linear}' }", true)]
    [InlineData("develop: { watch: [{ path: ., action: '${A:-restart}' }] }", true)]
    [InlineData("deploy: { update_config: { order: sideways } }", false)]
    [InlineData("deploy: { replicas: 0 }", true)]
    [InlineData("deploy: { replicas: 1000 }", true)]
    [InlineData("deploy: { replicas: 1001 }", false)]
    [InlineData("deploy: { replicas: -1 }", false)]
    [InlineData("deploy: { resources: { limits: { cpus: 1024 } } }", true)]
    [InlineData("deploy: { resources: { limits: { cpus: 0 } } }", false)]
    [InlineData("deploy: { resources: { limits: { cpus: 1025 } } }", false)]
    [InlineData("deploy: { resources: { limits: { memory: 65535 } } }", false)]
    [InlineData("deploy: { resources: { limits: { descriptors: 15 } } }", false)]
    [InlineData("deploy: { resources: { limits: { descriptors: 65537 } } }", false)]
    [InlineData("deploy: { resources: { limits: { output_rate: 1023 } } }", false)]
    [InlineData("logging: { max_size: 65535 }", false)]
    [InlineData("logging: { max_file: 1001 }", false)]
    [InlineData("healthcheck: { tcp: 0 }", false)]
    [InlineData("healthcheck: { log_line: 5 }", true)]
    public async Task Service_IsJudgedByTheSchemaAsByTheLoader(string keys, bool valid)
    {
        using var scenario = new Scenario(Scenario.Web(keys));
        Assert.Equal(valid, scenario.Load().Stack is not null);
        Assert.Equal(valid, (await Complaints(ManifestSchema, Json(Yaml(Scenario.Web(keys))))).Count == 0);
    }

    [Theory]
    [InlineData("valid/settings/.wasmrun.toml", true)]
    [InlineData("valid/settings-os-network/wasmrun.toml", true)]
    [InlineData("WR1101-unknown-settings/.wasmrun.toml", false)]
    [InlineData("WR1103-settings-types/.wasmrun.toml", false)]
    public async Task Settings_AreJudgedByTheirSchema(string file, bool valid)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Fixture.Root, file), TestContext.Current.CancellationToken);
        var root = new TomlTreeReader(new SourceDocument(file, text, "/"), new DiagnosticBag()).Read();
        Assert.Equal(valid, (await Complaints(SettingsSchema, Json(root!))).Count == 0);
    }

    private static SourceNode Yaml(string text)
    {
        var diagnostics = new DiagnosticBag();
        return YamlTreeReader.Read(new SourceDocument("x", text, "/"), new ExpansionBudget(diagnostics), diagnostics)!;
    }

    private static async Task<IReadOnlyList<string>> Complaints(string schema, JsonNode? json)
    {
        var parsed = await JsonSchema.FromFileAsync(Repository.PathOf($"schemas/{schema}"), TestContext.Current.CancellationToken);
        return [.. parsed.Validate(json!.ToJsonString()).Select(error => error.ToString())];
    }

    /// <summary>The value that an editor sees: plain scalars have the types of YAML's core schema.</summary>
    private static JsonNode? Json(SourceNode node) => node switch
    {
        ScalarNode { IsNull: true } => null,
        ScalarNode { IsPlain: true, Text: "true" } => JsonValue.Create(true),
        ScalarNode { IsPlain: true, Text: "false" } => JsonValue.Create(false),
        ScalarNode { IsPlain: true } scalar when long.TryParse(scalar.Text, CultureInfo.InvariantCulture, out var whole) => whole,
        ScalarNode { IsPlain: true } scalar when double.TryParse(scalar.Text, CultureInfo.InvariantCulture, out var real) => real,
        ScalarNode scalar => JsonValue.Create(scalar.Text),
        SequenceNode list => new JsonArray([.. list.Items.Select(Json)]),
        MappingNode map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, Json(entry.Value)))),
        _ => throw new InvalidOperationException(node.Kind),
    };
}
