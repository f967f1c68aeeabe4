namespace Wasmrun.Manifest.Diagnostics;

/// <summary>
/// Every kind of diagnostic that reading a manifest or a settings file can raise, WR1000 to WR1999, in one table:
/// 10xx files and syntax, 11xx keys and values, 12xx the stack and its services, 13xx forwards and egress,
/// 14xx mounts, 15xx environment and interpolation, 16xx include and extends, 17xx restart.
/// </summary>
public static class ManifestDiagnostics
{
    private static readonly List<DiagnosticDescriptor> _all = [];

    public static IReadOnlyList<DiagnosticDescriptor> All => _all;

    public static DiagnosticDescriptor NoManifest { get; } = Error("WR1001", "no manifest was found");

    public static DiagnosticDescriptor UnreadableFile { get; } = Error("WR1002", "a file cannot be read");

    public static DiagnosticDescriptor FileTooLarge { get; } = Error("WR1003", "a file, or all files together, are too large");

    public static DiagnosticDescriptor BadCharacter { get; } = Error("WR1004", "a character or byte is not allowed");

    public static DiagnosticDescriptor YamlSyntax { get; } = Error("WR1005", "the YAML cannot be parsed");

    public static DiagnosticDescriptor TomlSyntax { get; } = Error("WR1006", "the TOML cannot be parsed");

    public static DiagnosticDescriptor SeveralDocuments { get; } = Error("WR1007", "a file holds more than one YAML document");

    public static DiagnosticDescriptor NestedTooDeeply { get; } = Error("WR1008", "values are nested too deeply");

    public static DiagnosticDescriptor ExpandsTooFar { get; } = Error("WR1009", "the manifest expands to too many entries");

    public static DiagnosticDescriptor UnknownAlias { get; } = Error("WR1010", "a YAML alias has no anchor before it");

    public static DiagnosticDescriptor BadMergeKey { get; } = Error("WR1011", "a merge key takes something other than mappings");

    public static DiagnosticDescriptor UnknownTag { get; } = Error("WR1012", "a YAML tag has no meaning here");

    public static DiagnosticDescriptor KeyNotText { get; } = Error("WR1013", "a key is not plain text");

    public static DiagnosticDescriptor TooManyProblems { get; } = Error("WR1014", "there are more problems than are shown");

    public static DiagnosticDescriptor TwoSettingsFiles { get; } = Warning("WR1015", "two settings files lie side by side");

    public static DiagnosticDescriptor TooManyFiles { get; } = Error("WR1016", "too many files are pulled in");

    public static DiagnosticDescriptor EmptyManifest { get; } = Error("WR1017", "a manifest is empty");

    public static DiagnosticDescriptor UnknownKey { get; } = Error("WR1101", "a key is not known");

    public static DiagnosticDescriptor DuplicateKey { get; } = Error("WR1102", "a key is written twice");

    public static DiagnosticDescriptor WrongType { get; } = Error("WR1103", "a value has the wrong type");

    public static DiagnosticDescriptor TwoNamesOfOneKey { get; } = Error("WR1105", "a key is written under both of its names");

    public static DiagnosticDescriptor MissingKey { get; } = Error("WR1106", "a required key is missing");

    public static DiagnosticDescriptor UnknownValue { get; } = Error("WR1107", "a value is none of the allowed ones");

    public static DiagnosticDescriptor ListedTwice { get; } = Error("WR1108", "an entry is listed twice");

    public static DiagnosticDescriptor NumberOutOfRange { get; } = Error("WR1109", "a number is out of range");

    public static DiagnosticDescriptor BadDuration { get; } = Error("WR1110", "a duration cannot be read");

    public static DiagnosticDescriptor BadByteSize { get; } = Error("WR1111", "a byte size cannot be read");

    public static DiagnosticDescriptor UnclosedQuote { get; } = Error("WR1112", "a quote in a command is not closed");

    public static DiagnosticDescriptor BadProjectName { get; } = Error("WR1201", "the project's name is not usable");

    public static DiagnosticDescriptor NoServices { get; } = Error("WR1202", "the stack has no services");

    public static DiagnosticDescriptor UnknownDependency { get; } = Error("WR1203", "a dependency is not declared");

    public static DiagnosticDescriptor SelfDependency { get; } = Error("WR1204", "a service depends on itself");

    public static DiagnosticDescriptor DependencyCycle { get; } = Error("WR1205", "services depend on each other in a circle");

    public static DiagnosticDescriptor InactiveDependency { get; } = Error(
        "WR1206", "a dependency belongs to a profile that is not active");

    public static DiagnosticDescriptor OptionalDependencyLeftOut { get; } = Warning("WR1207", "an optional dependency is left out");

    public static DiagnosticDescriptor BadName { get; } = Error("WR1208", "the name of a service, network or volume, or an alias, is not usable");

    public static DiagnosticDescriptor UnknownNetwork { get; } = Error("WR1209", "a network is not declared");

    public static DiagnosticDescriptor NothingToRun { get; } = Error("WR1210", "a service names nothing to run");

    public static DiagnosticDescriptor TwoThingsToRun { get; } = Error("WR1211", "a service names both a module and a project");

    public static DiagnosticDescriptor ModuleNotFound { get; } = Error("WR1212", "a module file does not exist");

    public static DiagnosticDescriptor ModuleNotUsable { get; } = Error("WR1213", "a module is not a .wasm or .wat file");

    public static DiagnosticDescriptor ProjectNotFound { get; } = Error("WR1214", "a project folder does not exist");

    public static DiagnosticDescriptor ProjectKeyWithoutProject { get; } = Error("WR1215", "a key of projects stands without a project");

    public static DiagnosticDescriptor BadForward { get; } = Error("WR1301", "a forward cannot be read");

    public static DiagnosticDescriptor PortOutOfRange { get; } = Error("WR1302", "a port is out of range");

    public static DiagnosticDescriptor BadHostAddress { get; } = Error("WR1303", "a host address cannot be read");

    public static DiagnosticDescriptor UnknownProtocol { get; } = Error("WR1304", "a protocol is neither tcp nor udp");

    public static DiagnosticDescriptor RangesDiffer { get; } = Error("WR1305", "the port ranges of a forward differ in length");

    public static DiagnosticDescriptor BadPortRange { get; } = Error("WR1306", "a port range runs backwards or is too long");

    public static DiagnosticDescriptor HostPortTakenTwice { get; } = Error("WR1307", "two forwards want the same host port");

    public static DiagnosticDescriptor BadEgress { get; } = Error("WR1308", "an egress entry cannot be read");

    public static DiagnosticDescriptor EgressWithoutWayOut { get; } = Warning(
        "WR1309", "a service lists egress, but all its networks are internal");

    public static DiagnosticDescriptor EgressToItself { get; } = Warning("WR1310", "an egress entry leads to the guest itself");

    public static DiagnosticDescriptor MulticastHostAddress { get; } = Error("WR1311", "a TCP forward is on a multicast address");

    public static DiagnosticDescriptor BadMount { get; } = Error("WR1401", "a mount cannot be read");

    public static DiagnosticDescriptor BadMountTarget { get; } = Error("WR1402", "a mount target is not an absolute path");

    public static DiagnosticDescriptor ReservedMountTarget { get; } = Error("WR1403", "a mount target belongs to the runner");

    public static DiagnosticDescriptor MountTargetTwice { get; } = Error("WR1404", "two mounts have the same target");

    public static DiagnosticDescriptor UnknownVolume { get; } = Error("WR1405", "a named volume is not declared");

    public static DiagnosticDescriptor ExclusiveVolumeShared { get; } = Error("WR1406", "replicas would share an exclusive volume");

    public static DiagnosticDescriptor UnknownGrant { get; } = Error("WR1407", "a secret or config is not declared");

    public static DiagnosticDescriptor BadGrantSource { get; } = Error("WR1408", "the content of a secret or config cannot be had");

    public static DiagnosticDescriptor BadMountSource { get; } = Error("WR1409", "the source of a mount cannot be mounted");

    public static DiagnosticDescriptor BadSubstitution { get; } = Error("WR1501", "a variable substitution cannot be read");

    public static DiagnosticDescriptor RequiredVariable { get; } = Error("WR1502", "a required variable is not set");

    public static DiagnosticDescriptor UnsetVariable { get; } = Warning("WR1503", "a variable is not set and has no default");

    public static DiagnosticDescriptor BadEnvLine { get; } = Error("WR1504", "a line of an environment file cannot be read");

    public static DiagnosticDescriptor BadVariableName { get; } = Error("WR1505", "the name of a variable is not usable");

    public static DiagnosticDescriptor SubstitutionTooLong { get; } = Error("WR1506", "values grow too long by substitution");

    public static DiagnosticDescriptor IncludeCycle { get; } = Error("WR1601", "files include each other in a circle, or too deeply");

    public static DiagnosticDescriptor IncludedTwice { get; } = Error("WR1602", "an included file declares a name that is already taken");

    public static DiagnosticDescriptor ExtendsUnknown { get; } = Error("WR1603", "the service to extend does not exist");

    public static DiagnosticDescriptor ExtendsCycle { get; } = Error("WR1604", "services extend each other in a circle, or too deeply");

    public static DiagnosticDescriptor BadRestart { get; } = Error("WR1701", "a restart policy cannot be read");

    public static DiagnosticDescriptor RestartDelaysCross { get; } = Error("WR1702", "the longest restart delay is shorter than the first");

    public static DiagnosticDescriptor BadHealthcheck { get; } = Error("WR1703", "a health check cannot be read");

    public static DiagnosticDescriptor RebuildWithoutBuild { get; } = Error("WR1704", "files are to rebuild a service that has no build command");

    private static DiagnosticDescriptor Error(string code, string title) => Add(code, DiagnosticSeverity.Error, title);

    private static DiagnosticDescriptor Warning(string code, string title) => Add(code, DiagnosticSeverity.Warning, title);

    private static DiagnosticDescriptor Add(string code, DiagnosticSeverity severity, string title)
    {
        var descriptor = new DiagnosticDescriptor(code, severity, title);
        _all.Add(descriptor);
        return descriptor;
    }
}
