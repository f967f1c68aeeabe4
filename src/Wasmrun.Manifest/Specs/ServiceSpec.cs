using System.Globalization;
using Wasmrun.Manifest.Diagnostics;

namespace Wasmrun.Manifest.Specs;

/// <summary>One service as written; see <c>docs/manifest.md</c> for the meaning and default of each key.</summary>
public sealed record ServiceSpec(string Name, SourceLocation Location)
{
    /// <summary>The name of the variable that tells a server its port.</summary>
    public const string PortVariable = "PORT";

    /// <summary>The service of which this is a further instance that runs once, under a name of its own; null for what the manifest declares.</summary>
    public string? OneOffOf { get; init; }

    /// <summary>Absolute path of the <c>.wasm</c> or <c>.wat</c> file; null when the service is a project folder.</summary>
    public string? Module { get; init; }

    /// <summary>Absolute path of the project folder; null when the service is a module.</summary>
    public string? Project { get; init; }

    /// <summary>The project's language, <c>nodejs</c> or <c>python</c>; null to detect it.</summary>
    public string? Language { get; init; }

    /// <summary>Whether the guest may only read its project, because the host runs or believes what is in it. Means nothing for a module.</summary>
    public bool IsProjectReadOnly { get; init; }

    /// <summary>What starts the project, as written; null to detect it.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>The absolute path in the guest where the project's program starts; null for where the project lies.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The path of what runs, the module's or the project's.</summary>
    public string SourcePath => Module ?? Project ?? "";

    /// <summary>What makes the module or the project ready to run; null when nothing needs to.</summary>
    public BuildSpec? Build { get; init; }

    /// <summary>What is watched, as written; none when nothing was, which leaves it to what the service is made of.</summary>
    public IReadOnlyList<WatchSpec> Watch { get; init; } = [];

    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether <c>PORT</c> is in <see cref="Environment"/> only because the one forward leads there.</summary>
    public bool IsPortImplied { get; init; }

    public IReadOnlyList<ForwardSpec> Forwards { get; init; } = [];

    /// <summary>How long clients of a forward wait while nothing listens; zero refuses at once.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Names of the stack networks the service is on; <c>default</c> when none was written.</summary>
    public IReadOnlyList<string> Networks { get; init; } = ["default"];

    /// <summary>Further names under which the services of a common network find this one.</summary>
    public IReadOnlyList<NetworkAliasSpec> Aliases { get; init; } = [];

    public IReadOnlyList<EgressSpec> Egress { get; init; } = [];

    public IReadOnlyList<MountSpec> Mounts { get; init; } = [];

    public IReadOnlyList<DependencySpec> DependsOn { get; init; } = [];

    /// <summary>Null when listening is readiness.</summary>
    public HealthcheckSpec? Healthcheck { get; init; }

    public RestartSpec Restart { get; init; } = RestartSpec.Never;

    public TimeSpan StopGracePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many instances run at the same time and share the forwards; 0 for none.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>How an instance is replaced where both orders are possible.</summary>
    public UpdateOrder UpdateOrder { get; init; } = UpdateOrder.StartFirst;

    public LimitsSpec Limits { get; init; } = LimitsSpec.None;

    public LoggingSpec Logging { get; init; } = LoggingSpec.Usual;

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The profiles that switch the service on; none means that it is always on.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>The service with these variables; one with a single forward is told its port, the way most servers expect to be told.</summary>
    /// <param name="environment">What was written, which is added to.</param>
    public ServiceSpec WithEnvironment(Dictionary<string, string> environment) => this with
    {
        IsPortImplied = Forwards is [var only] && environment.TryAdd(PortVariable, only.GuestPort.ToString(CultureInfo.InvariantCulture)),
        Environment = environment,
    };

    /// <summary>What an instance is called, as compose does: <c>web-1</c>; one that runs once has the name alone.</summary>
    /// <param name="number">Of the replica, counting from 1.</param>
    public string InstanceName(int number) => OneOffOf is null ? string.Create(CultureInfo.InvariantCulture, $"{Name}-{number}") : Name;
}
